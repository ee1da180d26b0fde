import { PanelFrame } from "../(_frames)/PanelFrame.tsx";
import { define } from "../define.ts";

export default define.layout(function PanelLayout({ Component, state, url }) {
  return (
    <PanelFrame state={state} url={url}>
      <Component />
    </PanelFrame>
  );
});
