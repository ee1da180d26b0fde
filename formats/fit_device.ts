/** Names of makers and products in `file_id`; a small table of the common ones, numbers otherwise. */

import { nameFrom } from "./name.ts";

const GARMIN_MAKERS: ReadonlySet<number> = new Set([1, 2, 13, 15]);

const MAKERS: Readonly<Record<number, string>> = {
  1: "garmin",
  2: "garmin",
  6: "srm",
  13: "dynastream",
  15: "dynastream",
  16: "timex",
  23: "suunto",
  28: "peaksware",
  32: "wahoo",
  40: "concept2",
  41: "shimano",
  45: "xplova",
  63: "specialized",
  70: "sigma",
  86: "elite",
  89: "tacx",
  95: "stryd",
  107: "magene",
  111: "technogym",
  115: "igpsport",
  123: "polar",
  132: "cycplus",
  142: "tag heuer",
  255: "development",
  258: "lezyne",
  260: "zwift",
  265: "strava",
  267: "bryton",
  268: "sram",
  281: "trainerroad",
  282: "the sufferfest",
  284: "virtualtraining",
  289: "hammerhead",
  294: "coros",
  310: "decathlon",
  326: "nike",
  331: "mywhoosh",
};

const GARMIN_PRODUCTS: Readonly<Record<number, string>> = {
  1: "hrm1",
  717: "fr405",
  782: "fr50",
  988: "fr60",
  1018: "fr310xt",
  1036: "edge500",
  1124: "fr110",
  1169: "edge800",
  1325: "edge200",
  1328: "fr910xt",
  1345: "fr610",
  1436: "fr70",
  1482: "fr10",
  1499: "swim",
  1551: "fenix",
  1561: "edge510",
  1567: "edge810",
  1623: "fr620",
  1632: "fr220",
  1765: "fr920xt",
  1836: "edge1000",
  1837: "vivofit",
  1903: "fr15",
  1907: "vivoactive",
  1956: "vivosmart",
  1967: "fenix2",
  2050: "fenix3",
  2067: "edge520",
  2148: "fr25",
  2150: "vivofit2",
  2153: "fr225",
  2156: "fr630",
  2157: "fr230",
  2158: "fr735xt",
  2337: "vivoactive hr",
  2348: "vivosmart hr",
  2406: "vivofit3",
  2413: "fenix3 hr",
  2431: "fr235",
  2503: "fr35",
  2530: "edge820",
  2544: "fenix5s",
  2604: "fenix5x",
  2622: "vivosmart3",
  2691: "fr935",
  2697: "fenix5",
  2700: "vivoactive3",
  2713: "edge1030",
  2878: "vivofit4",
  2886: "fr645",
  2888: "fr645 music",
  2927: "vivosmart4",
  3076: "fr245",
  3077: "fr245 music",
  3110: "fenix5 plus",
  3112: "edge520 plus",
  3113: "fr945",
  3121: "edge530",
  3122: "edge830",
  3224: "vivoactive4s",
  3225: "vivoactive4",
  3226: "venu",
  3282: "fr45",
  3288: "fenix6s",
  3290: "fenix6",
  3291: "fenix6x",
  3405: "swim2",
  3466: "instinct solar",
  3589: "fr745",
  3600: "venu sq",
  3652: "fr945 lte",
  3703: "venu2",
  3704: "venu2s",
  3843: "edge1040",
  3869: "fr55",
  3888: "instinct2",
  3905: "fenix7s",
  3906: "fenix7",
  3907: "fenix7x",
  3943: "epix2",
  3990: "fr255 music",
  3992: "fr255",
  4024: "fr955",
  4061: "edge540",
  4062: "edge840",
  4115: "venu sq2",
  4257: "fr265",
  4260: "venu3",
  4315: "fr965",
  4426: "vivoactive5",
  4432: "fr165",
  4440: "edge1050",
  4536: "fenix8",
  65534: "connect",
};

/** What `file_id` says of the device. */
export interface FitDevice {
  manufacturer: number | undefined;
  product: number | undefined;
  productName: string | undefined;
}

/** Maker and product as text; undefined when the file names no maker.
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fitDeviceName } from "@/formats/fit_device.ts";
 *
 * const fr110 = { manufacturer: 1, product: 1124, productName: undefined };
 * assertEquals(fitDeviceName(fr110), "garmin fr110");
 * const wahoo = { manufacturer: 32, product: 28, productName: undefined };
 * assertEquals(fitDeviceName(wahoo), "wahoo 28");
 * ```
 */
export function fitDeviceName(device: FitDevice): string | undefined {
  if (device.manufacturer === undefined) return undefined;
  const maker = MAKERS[device.manufacturer] ?? `maker ${device.manufacturer}`;
  const product = nameFrom(device.productName) ?? productName(device);
  if (product === undefined) return maker;
  return product.toLowerCase().startsWith(maker) ? product : `${maker} ${product}`;
}

function productName({ manufacturer, product }: FitDevice): string | undefined {
  if (product === undefined) return undefined;
  const isGarmin = manufacturer !== undefined && GARMIN_MAKERS.has(manufacturer);
  return (isGarmin ? GARMIN_PRODUCTS[product] : undefined) ?? String(product);
}
