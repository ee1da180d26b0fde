import type { ComponentChildren } from "preact";
import { SelectField } from "@/components/Field.tsx";
import { FilterForm } from "@/components/FilterForm.tsx";
import { filterOptions } from "@/components/money/ledger_text.ts";
import { ORDER_KIND_TEXT, ORDER_STATUS_TEXT } from "@/components/money/order_text.ts";
import type { OrderQuery } from "@/contracts/orders.ts";

const STATUS_NAMES = Object.fromEntries(
  Object.entries(ORDER_STATUS_TEXT).map(([status, { name }]) => [status, name]),
);

/** Narrows a list of orders. */
export function OrderFilters(
  { path, query, children }: { path: string; query: OrderQuery; children?: ComponentChildren },
) {
  return (
    <FilterForm path={path}>
      <SelectField
        name="kind"
        label="Kind"
        value={query.kind ?? ""}
        options={filterOptions("Any kind", ORDER_KIND_TEXT)}
      />
      <SelectField
        name="status"
        label="State"
        value={query.status ?? ""}
        options={filterOptions("Any state", STATUS_NAMES)}
      />
      {children}
    </FilterForm>
  );
}
