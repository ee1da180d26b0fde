import type { TeamMember } from "@/contracts/teams.ts";
import { Avatar } from "../Avatar.tsx";
import { Badge } from "../Badge.tsx";
import { type ScoreFormat, scoreText } from "../score_text.ts";
import { TimeText, type Viewer } from "../TimeText.tsx";

/** Who gave what to a team, since when, and what of it counts. */
export function TeamMembers(
  { members, format, view, path }: {
    members: readonly TeamMember[];
    format: ScoreFormat;
    view: Viewer;
    /** Where a participant's page is, but for the id. */
    path: string;
  },
) {
  return (
    <table class="table blocks">
      <thead>
        <tr>
          <th scope="col">Participant</th>
          <th scope="col">In the team</th>
          <th scope="col" class="num">Gave</th>
        </tr>
      </thead>
      <tbody>
        {members.map((one) => (
          <tr key={one.participantId}>
            <td>
              <span class="person">
                <Avatar id={one.userId} name={one.name} />
                <span>
                  <a class="lead-link" href={`${path}/${one.participantId}`}>{one.name}</a>{" "}
                  <MemberBadge member={one} />
                </span>
              </span>
            </td>
            <td data-label="In the team">
              {one.spans.map(({ from, to }) => (
                <span class="under" key={from}>
                  {to === null ? "since " : ""}
                  <TimeText at={from} view={view} />
                  {to === null ? null : (
                    <>
                      {" to "}
                      <TimeText at={to} view={view} />
                    </>
                  )}
                </span>
              ))}
            </td>
            <td class="num" data-label="Gave">
              {scoreText(one.gave, format)}
              {one.gave === null || one.counts ? null : <span class="under">does not count</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function MemberBadge({ member: { status } }: { member: TeamMember }) {
  if (status === "member") return null;
  return status === "left" ? <Badge>Left</Badge> : <Badge tone="bad">Disqualified</Badge>;
}
