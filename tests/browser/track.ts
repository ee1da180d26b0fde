/** A GPX track of 200 m due north in a minute, the least that is an activity. */
export function track(): string {
  const point = (latitude: number, minute: number) => `
    <trkpt lat="${latitude}" lon="24.94"><ele>10</ele><time>2026-01-02T07:0${minute}:00Z</time></trkpt>`;
  return `<?xml version="1.0"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
  <trk><type>running</type><trkseg>${point(60.17, 0)}${point(60.1718, 1)}
  </trkseg></trk>
</gpx>`;
}
