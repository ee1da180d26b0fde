/** Which part of a board is shown: everybody, one division, or the teams. */
export interface BoardChoice {
  division?: string | undefined;
  isTeams: boolean;
}

/** The way between a competition's boards; nothing where there is only one. */
export function BoardTabs(
  { path, divisions, hasTeams, chosen }: {
    path: string;
    divisions: readonly string[];
    hasTeams: boolean;
    chosen: BoardChoice;
  },
) {
  if (divisions.length === 0 && !hasTeams) return null;
  const tabs = [
    { href: path, label: "Everybody", isOpen: !chosen.isTeams && chosen.division === undefined },
    ...divisions.map((name) => ({
      href: `${path}?division=${encodeURIComponent(name)}`,
      label: name,
      isOpen: chosen.division === name,
    })),
    ...(hasTeams ? [{ href: `${path}?board=teams`, label: "Teams", isOpen: chosen.isTeams }] : []),
  ];
  return (
    <nav class="tabs" aria-label="Boards of this competition">
      {tabs.map(({ href, label, isOpen }) => (
        <a key={href} href={href} aria-current={isOpen ? "page" : undefined}>{label}</a>
      ))}
    </nav>
  );
}
