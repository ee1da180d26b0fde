import { assertEquals, assertStringIncludes } from "@std/assert";
import { countTests, describeSkipped, listSkipped, mergeReports, sumCounts } from "./junit.ts";

const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="5" failures="2" errors="0" time="0.069">
    <testsuite name="./a_test.ts" tests="5" disabled="1" errors="0" failures="2">
        <testcase name="adds &lt;b&gt;" classname="./a_test.ts" time="0.001" line="8" col="6">
        </testcase>
        <testcase name="keeps &amp;lt; [needs REDIS_URL]" classname="./a_test.ts" time="0.000">
            <skipped/>
        </testcase>
        <testcase name="breaks" classname="./a_test.ts" time="0.001" line="10" col="6">
            <failure message="Error: &lt;testcase&gt;">Error: &lt;/x&gt;</failure>
        </testcase>
        <testcase name="breaks &gt; inner" classname="./a_test.ts" time="0.001">
            <failure message="1 test step failed">1 test step failed.</failure>
        </testcase>
        <testcase name="one line" classname="./a_test.ts" time="0.001"/>
    </testsuite>
</testsuites>`;

Deno.test("countTests() counts tests and steps by what became of them", () => {
  assertEquals(countTests(REPORT), { passed: 2, failed: 2, skipped: 1 });
  assertEquals(countTests(""), { passed: 0, failed: 0, skipped: 0 });
});

Deno.test("listSkipped() gives name, file and reason", () => {
  assertEquals(listSkipped(REPORT), [
    { name: "keeps &lt;", file: "./a_test.ts", reason: "needs REDIS_URL" },
  ]);
  const [silent] = listSkipped(`<testcase name="a" classname="b"><skipped/></testcase>`);
  assertEquals(silent?.reason, "no reason given");
});

Deno.test("describeSkipped() says each reason of a file once", () => {
  const test = (name: string) => ({ name, file: "a_test.ts", reason: "DEVICE_FILES is not set" });

  assertEquals(describeSkipped(["a", "b", "c", "d", "e"].map(test)), [
    'a_test.ts: DEVICE_FILES is not set: "a", "b", "c" and 2 more',
  ]);
  assertEquals(describeSkipped([]), []);
});

Deno.test("mergeReports() keeps every suite and sums the counts", () => {
  const merged = mergeReports([REPORT, REPORT]);

  assertEquals(countTests(merged), sumCounts([countTests(REPORT), countTests(REPORT)]));
  assertStringIncludes(merged, 'tests="10" failures="4" skipped="2"');
  assertEquals(merged.match(/<testsuites/g)?.length, 1);
});
