/// <reference lib="deno.unstable" />
/**
 * Lint rules that keep the architecture true: imports flow one way, only `main.ts` reads the
 * environment, and the clock and chance come in as arguments.
 *
 * @module
 */

import { dirname, join, relative } from "node:path/posix";

/** Which layers each layer may import at run time; a layer absent here may import all. */
export const LAYER_IMPORTS: Record<string, readonly string[]> = {
  domain: [],
  fresh: [],
  contracts: ["domain"],
  platform: ["domain"],
  formats: ["domain"],
  db: ["domain", "platform"],
  cache: ["domain", "platform"],
  external: ["domain", "platform"],
  services: ["domain", "contracts", "platform", "db", "formats"],
  components: ["domain", "contracts", "fresh/runtime"],
  islands: ["domain", "contracts", "components", "fresh/runtime"],
  routes: [
    "domain",
    "contracts",
    "platform",
    "services",
    "components",
    "islands",
    "fresh",
    "fresh/runtime",
  ],
};

/** Layers whose types alone may be imported besides: ports live with the service that needs them. */
export const LAYER_TYPE_IMPORTS: Record<string, readonly string[]> = {
  cache: ["services"],
  external: ["services"],
  islands: ["routes", "services"],
};

/** Bare names the domain may import: it stays pure, so everything else is refused. */
const DOMAIN_PACKAGES: readonly string[] = ["temporal"];

/** Folders whose code wires or checks the others, so that no rule about layers binds it. */
const FREE_LAYERS: readonly string[] = ["main.ts", "tools", "tests"];

const ROOT = dirname(import.meta.dirname!);

interface Place {
  /** Path from the root of the project. */
  path: string;
  /** Top folder, or the file's own name when it stands in the root. */
  layer: string;
}

/** A file that lies outside the project belongs to the free layer `tests`. */
function placeOf(filename: string): Place {
  const path = relative(ROOT, filename.replaceAll("\\", "/"));
  const isTest = path.startsWith("../") || /_(test|bench)\.tsx?$/.test(path);
  return { path, layer: isTest ? "tests" : path.split("/")[0]! };
}

/** The layer an import leads to, or undefined for a package and for files of the root. */
function targetLayer(specifier: string): string | undefined {
  if (specifier === "fresh" || specifier === "fresh/runtime") return specifier;
  if (specifier === "@/fresh/runtime.ts") return "fresh/runtime";
  if (!specifier.startsWith("@/") || specifier === "@/deno.json") return undefined;
  return specifier.slice(2).split("/")[0]!;
}

function relativeFault(place: Place, specifier: string): string | undefined {
  // The browser tests have a configuration of their own, without the `@/` alias.
  if (place.path.startsWith("tests/browser/")) return undefined;
  const top = join(dirname(place.path), specifier).split("/")[0]!;
  const own = place.path.split("/")[0]!;
  const isInside = top === own || !place.path.includes("/");
  return isInside ? undefined : "Import from another folder with `@/`";
}

function importFault(place: Place, specifier: string, isType: boolean): string | undefined {
  if (specifier.startsWith(".")) return relativeFault(place, specifier);
  const allowed = LAYER_IMPORTS[place.layer];
  if (!allowed) return undefined;
  const target = targetLayer(specifier);
  if (target === undefined) return packageFault(place.layer, specifier);
  if (target === place.layer || allowed.includes(target)) return undefined;
  if (isType && LAYER_TYPE_IMPORTS[place.layer]?.includes(target)) return undefined;
  return `${place.layer}/ must not import ${target}`;
}

function packageFault(layer: string, specifier: string): string | undefined {
  if (layer !== "domain" || DOMAIN_PACKAGES.includes(specifier)) return undefined;
  return `domain/ must not import the package "${specifier}"`;
}

const importDirection: Deno.lint.Rule = {
  create(context) {
    const place = placeOf(context.filename);
    const check = (node: Deno.lint.Node, specifier: unknown, isType: boolean) => {
      if (typeof specifier !== "string") return;
      const message = importFault(place, specifier, isType);
      if (!message) return;
      const allowed = LAYER_IMPORTS[place.layer]?.join(", ") || "only itself";
      context.report({ node, message, hint: `${place.layer} may import: ${allowed}` });
    };
    return {
      ImportDeclaration(node) {
        check(node, node.source.value, node.importKind === "type");
      },
      ExportNamedDeclaration(node) {
        check(node, node.source?.value, node.exportKind === "type");
      },
      ExportAllDeclaration(node) {
        check(node, node.source.value, node.exportKind === "type");
      },
      ImportExpression(node) {
        check(node, node.source.type === "Literal" ? node.source.value : undefined, false);
      },
    };
  },
};

/** `Deno.env` → "Deno.env"; anything but two plain names gives undefined. */
function memberName(node: Deno.lint.MemberExpression): string | undefined {
  const { object, property } = node;
  if (object.type === "MemberExpression" && object.property.type === "Identifier") {
    if (memberName(object)?.startsWith("globalThis.") && property.type === "Identifier") {
      return `${object.property.name}.${property.name}`;
    }
  }
  if (object.type !== "Identifier" || property.type !== "Identifier") return undefined;
  return `${object.name}.${property.name}`;
}

const envOnlyInMain: Deno.lint.Rule = {
  create(context) {
    if (FREE_LAYERS.includes(placeOf(context.filename).layer)) return {};
    return {
      MemberExpression(node) {
        const name = memberName(node);
        if (name !== "Deno.env" && name !== "process.env") return;
        context.report({
          node,
          message: "Take configuration as an argument; only main.ts reads it",
        });
      },
    };
  },
};

/** What reads the machine's clock or chance, and what to take instead. */
const AMBIENT: Record<string, string> = {
  "Date.now": "a `Clock`",
  "Temporal.Now": "a `Clock`",
  "crypto.randomUUID": "an `IdGenerator`",
  "Math.random": "a source of chance",
};

/** Layers that may read them; islands and static files run in a browser, where nobody passes a clock. */
const AMBIENT_LAYERS: readonly string[] = [...FREE_LAYERS, "platform", "static"];

function mayUse(layer: string, name: string): boolean {
  return AMBIENT_LAYERS.includes(layer) || (layer === "islands" && name === "Date.now");
}

const noAmbient: Deno.lint.Rule = {
  create(context) {
    const { layer } = placeOf(context.filename);
    const report = (node: Deno.lint.Node, name: string, written: string) => {
      const instead = AMBIENT[name];
      if (!instead || mayUse(layer, name)) return;
      context.report({ node, message: `Take ${instead} as an argument instead of ${written}` });
    };
    return {
      MemberExpression(node) {
        const name = memberName(node);
        if (name && Object.hasOwn(AMBIENT, name)) report(node, name, name);
      },
      NewExpression(node) {
        const isClock = node.callee.type === "Identifier" && node.callee.name === "Date";
        if (isClock && node.arguments.length === 0) report(node, "Date.now", "new Date()");
      },
    };
  },
};

const plugin: Deno.lint.Plugin = {
  name: "architecture",
  rules: {
    "import-direction": importDirection,
    "env-only-in-main": envOnlyInMain,
    "no-ambient-clock-or-chance": noAmbient,
  },
};

export default plugin;
