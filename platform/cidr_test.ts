import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { callerNetwork, isAddress, isInNetwork, isLoopback, parseCidr } from "./cidr.ts";

Deno.test("parseCidr() reads networks and addresses, and nothing else", () => {
  for (const text of ["10.0.0.0/8", "::/0", "fd00::/8", "192.0.2.1", "::1", "1:2:3:4:5:6:7:8"]) {
    assert(parseCidr(text), text);
  }
  for (
    const text of [
      "",
      "10.0.0.0/33",
      "10.0.0/8",
      "256.1.1.1",
      "::/129",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::8:9",
      "g::1",
      "10.0.0.0/8/8",
      "10.0.0.0/-1",
      "localhost",
      "fe80::1%eth0",
    ]
  ) assertEquals(parseCidr(text), undefined, text);
});

Deno.test("isInNetwork() compares the prefix only, within one family", () => {
  const inside = (address: string, network: string) => isInNetwork(address, parseCidr(network)!);

  assert(inside("172.16.255.255", "172.16.0.0/16"));
  assert(!inside("172.17.0.0", "172.16.0.0/16"));
  assert(inside("203.0.113.9", "0.0.0.0/0"));
  assert(!inside("2001:db8::1", "0.0.0.0/0"));
  assert(inside("2001:db8:0:1::9", "2001:db8::/32"));
  assert(inside("::ffff:127.0.0.1", "127.0.0.0/8"));
  assert(!inside("unknown", "0.0.0.0/0"));
});

Deno.test("isInNetwork() finds every address in its own network of any prefix", () => {
  fc.assert(fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (address, prefix) => {
    assert(isInNetwork(address, parseCidr(`${address}/${prefix}`)!));
  }));
  fc.assert(fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, prefix) => {
    const network = parseCidr(`${address}/${prefix}`);
    assert(network === undefined || isInNetwork(address, network));
    assert(isAddress(address));
  }));
});

Deno.test("isAddress() never throws", () => {
  fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => {
    isAddress(text);
  }));
});

Deno.test("callerNetwork() takes a /64 for one caller", () => {
  assertEquals(callerNetwork("2001:db8:1:2:3::4"), "20010db800010002::/64");
  assertEquals(callerNetwork("::ffff:192.0.2.1"), "192.0.2.1");
  assertEquals(callerNetwork("unknown"), "unknown");
});

Deno.test("isLoopback() knows the machine itself", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
    assert(isLoopback(address));
  }
  for (const address of ["10.0.0.1", "::2", "unknown", ""]) assert(!isLoopback(address));
});
