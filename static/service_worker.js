/**
 * Shows a page of its own when there is no network, and keeps styles, scripts and typefaces. What
 * an answer says of a person is never kept: of documents and the API nothing is stored, and of
 * static files only those that the server does not call private. Writes pass by untouched, so that
 * the server sees from which site they come.
 */

const CACHE = "paceboard-static-1";
const OFFLINE_PAGE = "/offline.html";
/** What the offline page is made of. */
const OFFLINE_FILES = [
  OFFLINE_PAGE,
  "/styles/tokens.css",
  "/styles/base.css",
  "/styles/offline.css",
  "/favicon.svg",
  "/fonts/inter-latin.woff2",
];
/** Kinds of request that static files answer. */
const STATIC_KINDS = ["style", "script", "font", "image", "manifest"];
/** Where static files lie; pictures of people come from elsewhere. */
const STATIC_PATH = /^\/(styles\/|fonts\/|_fresh\/|[\w.-]+\.(svg|png|js|webmanifest)$)/;
/** A build has about forty; those of older builds go first. */
const FILES_MAX = 120;

addEventListener("install", (event) => {
  event.waitUntil(install());
});

addEventListener("activate", (event) => {
  event.waitUntil(activate());
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  if (request.mode === "navigate") return event.respondWith(page(request));
  if (isStatic(request)) event.respondWith(file(event));
});

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll(OFFLINE_FILES.map((path) => new Request(path, { cache: "reload" })));
  await skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("paceboard-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

/** From the network alone; without one, the page that says so. */
async function page(request) {
  try {
    return await fetch(request);
  } catch {
    return await caches.match(OFFLINE_PAGE) ?? Response.error();
  }
}

function isStatic({ url, destination }) {
  const { origin, pathname } = new URL(url);
  return origin === location.origin && STATIC_KINDS.includes(destination) &&
    STATIC_PATH.test(pathname);
}

/** A file whose address names its content comes from the cache; any other only without a network. */
async function file(event) {
  const { request } = event;
  const known = await caches.match(request);
  if (known && isImmutable(known)) return known;
  try {
    const answer = await fetch(request);
    if (mayKeep(answer)) event.waitUntil(keep(request, answer.clone()));
    return answer;
  } catch (error) {
    // Without its version: better an older style than none.
    const other = known ?? await caches.match(request, { ignoreSearch: true });
    if (other) return other;
    throw error;
  }
}

function isImmutable(answer) {
  return answer.headers.get("cache-control")?.includes("immutable") ?? false;
}

function mayKeep(answer) {
  const control = answer.headers.get("cache-control") ?? "";
  return answer.ok && answer.type === "basic" && !/private|no-store/.test(control) &&
    !answer.headers.has("set-cookie");
}

async function keep(request, answer) {
  const cache = await caches.open(CACHE);
  await cache.put(request, answer);
  const requests = await cache.keys();
  const others = requests.filter(({ url }) => !OFFLINE_FILES.includes(new URL(url).pathname));
  const surplus = Math.max(0, others.length - FILES_MAX);
  await Promise.all(others.slice(0, surplus).map((old) => cache.delete(old)));
}
