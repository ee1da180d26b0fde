/** A session as a watch's export: a TCX file of one lap. */

import type { UploadedFile } from "@/services/activity/fitness.ts";
import { SECOND_MS } from "@/domain/time.ts";
import { type Session, sessionEndsAt } from "./workouts.ts";

/** Points of the track; a real watch writes one a second. */
const POINTS = 12;

/** Writes the file. */
export function tcxFile(session: Session): UploadedFile {
  const { sport, startedAt } = session;
  const lastedMs = sessionEndsAt(session) - startedAt;
  const points = Array.from({ length: POINTS + 1 }, (_, place) => {
    const share = place / POINTS;
    return `<Trackpoint><Time>${iso(startedAt + lastedMs * share)}</Time>` +
      `<DistanceMeters>${(session.distanceM * share).toFixed(1)}</DistanceMeters></Trackpoint>`;
  });
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">
<Activities><Activity Sport="${sport[0]!.toUpperCase()}${sport.slice(1)}">
<Id>${iso(startedAt)}</Id>
<Lap StartTime="${iso(startedAt)}">
<TotalTimeSeconds>${Math.round(lastedMs / SECOND_MS)}</TotalTimeSeconds>
<DistanceMeters>${session.distanceM.toFixed(1)}</DistanceMeters>
<Track>${points.join("\n")}</Track>
</Lap></Activity></Activities></TrainingCenterDatabase>
`;
  const name = `${sport}-${iso(startedAt).slice(0, 19).replaceAll(":", "-")}.tcx`;
  return { name, bytes: new TextEncoder().encode(text) };
}

function iso(at: number): string {
  return new Date(Math.round(at)).toISOString();
}
