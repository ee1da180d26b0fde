/** Line icons on a grid of 20, drawn for this product. */

const PATHS = {
  gauge: "M3.2 14.5a7.5 7.5 0 1 1 13.6 0M10 12l3.4-4M10 12h.01",
  lanes: "M6.5 4.5h10M5 10h8M3.5 15.5h5",
  people:
    "M7.2 9.2a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2ZM2.2 16c.3-2.8 2.2-4.4 5-4.4s4.7 1.6 5 4.4M13.2 4.3a2.5 2.5 0 0 1 0 4.7M14.6 11.9c1.9.5 3 1.9 3.2 4.1",
  person:
    "M10 9.6a3.1 3.1 0 1 0 0-6.2 3.1 3.1 0 0 0 0 6.2ZM4 16.8c.4-3.2 2.7-4.9 6-4.9s5.6 1.7 6 4.9",
  scroll: "M6 3.5h9v13H5.5M6 3.5a1.8 1.8 0 0 0-1.8 1.8V7H7.8M7.8 5.3v11.2M10.5 7h2M10.5 10h2",
  upload: "M10 13V3.8M6.3 7.2 10 3.5l3.7 3.7M3.5 13.5v2.3c0 .4.3.7.7.7h11.6c.4 0 .7-.3.7-.7v-2.3",
  plus: "M10 4v12M4 10h12",
  search: "M8.8 14.2a5.4 5.4 0 1 0 0-10.8 5.4 5.4 0 0 0 0 10.8ZM12.8 12.8l4 4",
  up: "M10 15.5v-11M5.5 9 10 4.5 14.5 9",
  down: "M10 4.5v11M5.5 11l4.5 4.5 4.5-4.5",
  right: "M7.5 4.5 13 10l-5.5 5.5",
  left: "M12.5 4.5 7 10l5.5 5.5",
  caret: "M6 8l4 4 4-4",
  check: "M4 10.5l4 4 8-9",
  cross: "M5 5l10 10M15 5 5 15",
  alert: "M10 3.3 2.5 16.5h15zM10 8.2v3.6M10 14.2h.01",
  info: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 9.3v4M10 6.6h.01",
  out: "M8 3.5H4.2a.7.7 0 0 0-.7.7v11.6c0 .4.3.7.7.7H8M12.8 6.5 16.5 10l-3.7 3.5M16.3 10H8",
  enter: "M12 3.5h3.8c.4 0 .7.3.7.7v11.6c0 .4-.3.7-.7.7H12M8.3 6.5 12 10l-3.7 3.5M11.8 10H3.5",
  flag: "M4.5 17V3.5M4.5 4.2c3-1.7 5.5 1.6 11 0v7.6c-5.5 1.6-8-1.7-11 0",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4.2l2.7 1.7",
  copy: "M7.5 7.5h8.8v8.8H7.5zM12.5 7.3V3.7H3.7v8.8h3.6",
  lock: "M5 9.2h10v7.3H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  screen: "M2.8 4h14.4v9.5H2.8zM7 17h6M10 13.5V17",
  open: "M11.5 3.5h5v5M16.3 3.7 9 11M8 4.5H3.7v11.8h11.8V12",
  file: "M11.5 2.8H5v14.4h10V6.3zM11.3 3v3.5h3.5M7.5 10.5h5M7.5 13.5h5",
  snow: "M10 2.8v14.4M3.8 6.4l12.4 7.2M16.2 6.4 3.8 13.6",
  sliders:
    "M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7M12.5 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM7.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  key: "M7 12.8a3.4 3.4 0 1 0 0-6.8 3.4 3.4 0 0 0 0 6.8ZM10.4 9.4h7.1v2.8M14.6 9.4v2.2",
  review:
    "M2.5 10S5.3 5 10 5s7.5 5 7.5 5-2.8 5-7.5 5-7.5-5-7.5-5ZM10 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z",
  keys: "M2.5 5h15v10h-15zM5.5 8h.01M8.5 8h.01M11.5 8h.01M14.5 8h.01M6 12h8",
} as const;

export type IconName = keyof typeof PATHS;

/** An icon beside a text that says the same; hidden from screen readers. */
export function Icon({ name, small }: { name: IconName; small?: boolean }) {
  return (
    <svg class={small ? "icon small" : "icon"} viewBox="0 0 20 20" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
