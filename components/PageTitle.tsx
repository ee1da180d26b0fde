import { useContext } from "preact/hooks";
import { Head } from "fresh/runtime";
import { SiteName } from "./frame/site_name.ts";

/** The document's title, with the platform's name. */
export function PageTitle({ title }: { title: string }) {
  const siteName = useContext(SiteName);
  return (
    <Head>
      <title>{`${title} · ${siteName}`}</title>
    </Head>
  );
}
