/** The parts of the ledger. */
export function LedgerTabs({ tab }: { tab: "" | "/reconciliation" }) {
  const link = (path: typeof tab, label: string) => (
    <a href={`/admin/ledger${path}`} aria-current={path === tab ? "page" : undefined}>{label}</a>
  );
  return (
    <nav class="tabs" aria-label="Parts of the ledger">
      {link("", "Accounts")}
      {link("/reconciliation", "Reconciliation")}
    </nav>
  );
}
