/** Makes one's own pages an app that opens without a network. */

// Refused on plain http and in private windows: then everything but the offline page works.
await navigator.serviceWorker?.register("/service_worker.js", { scope: "/" }).catch(() => {});
