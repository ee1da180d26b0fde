import { dirname } from "node:path";
import { App, type AppHooks, type FreshConfig } from "fresh";

/** An app over files in a temporary folder, for tests. */
export interface TestApp<S> extends AsyncDisposable {
  root: string;
  app: App<S>;
  /** Answers a request for a path of `http://app.test`. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The answer's text. */
  text(path: string, init?: RequestInit): Promise<string>;
}

/** Writes the files, by path, below a new temporary folder. */
export async function writeProject(files: Record<string, string | Uint8Array>): Promise<string> {
  const root = await Deno.makeTempDir({ prefix: "fresh-test-" });
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(`${root}/${dirname(path)}`, { recursive: true });
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    await Deno.writeFile(`${root}/${path}`, bytes);
  }
  return root;
}

/** Opens an app over the files; `setUp` adds its middleware and routes. */
export async function openTestApp<S>(
  files: Record<string, string | Uint8Array>,
  setUp: (app: App<S>) => App<S> = (app) => app.fsRoutes(),
  { hooks = {}, ...config }: Omit<FreshConfig, "root"> & { hooks?: AppHooks<S> } = {},
): Promise<TestApp<S>> {
  const root = await writeProject(files);
  const app = setUp(new App<S>({ root, ...config }, hooks));
  const handle = app.handler();
  const request = (path: string, init?: RequestInit) => {
    return handle(new Request(new URL(path, "http://app.test"), init));
  };
  return {
    root,
    app,
    request,
    text: async (path, init) => await (await request(path, init)).text(),
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}
