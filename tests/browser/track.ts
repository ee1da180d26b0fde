/** A GPX track due north in a minute, the least that is an activity: 200 m unless told. */
export function track(
  { startsAt = Date.UTC(2026, 0, 2, 7), metres = 200, minutes = 1 }: {
    startsAt?: number;
    /** Along the whole track. */
    metres?: number;
    minutes?: number;
  } = {},
): string {
  const points = Array.from({ length: minutes + 1 }, (_, minute) => {
    const latitude = 60.17 + metres * minute / minutes / METRES_PER_DEGREE;
    const time = new Date(startsAt + minute * 60_000).toISOString();
    return `
    <trkpt lat="${latitude.toFixed(6)}" lon="24.94"><ele>10</ele><time>${time}</time></trkpt>`;
  });
  return `<?xml version="1.0"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
  <trk><type>running</type><trkseg>${points.join("")}
  </trkseg></trk>
</gpx>`;
}

/** Of latitude; 200 m are 0.0018°. */
const METRES_PER_DEGREE = 111_111;
