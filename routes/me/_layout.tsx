import { asset, Head } from "fresh/runtime";
import { PanelFrame } from "../(_frames)/PanelFrame.tsx";
import { define } from "../define.ts";

export default define.layout(function PanelLayout({ Component, state, url }) {
  return (
    <>
      <Head>
        <script type="module" src={asset("/register_worker.js")}></script>
      </Head>
      <PanelFrame state={state} url={url}>
        <Component />
      </PanelFrame>
    </>
  );
});
