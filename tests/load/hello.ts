/** The least that a server can do: the baseline of every figure. Prints its port. */

Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  async onListen({ port }) {
    await Deno.stdout.write(new TextEncoder().encode(`${port}\n`));
  },
}, () => new Response("hello"));
