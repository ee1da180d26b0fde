/**
 * TCX: every `<Activity>` is one activity, its laps summed. Steps are left out: `<Steps>` of the
 * lap extension counts strides, strokes or steps, depending on the writer.
 *
 * @module
 */

import { type DeviceFile, FormatError, type FormatReader } from "./reader.ts";
import { RecordList } from "./record_list.ts";
import { TcxActivity } from "./tcx_activity.ts";
import { readXml, type XmlAttributes, type XmlHandler, xmlRootName } from "./xml.ts";

/** The reader of TCX files. */
export const tcxReader: FormatReader = {
  format: "tcx",
  matches: (head) => xmlRootName(head) === "TrainingCenterDatabase",
  read: readTcx,
};

function readTcx(bytes: Uint8Array): DeviceFile {
  const handler = new TcxHandler();
  readXml(bytes, handler);
  const activities = handler.activities;
  if (activities.records.length === 0 && handler.hasPlans) {
    throw new FormatError("not_activity", "Cannot read TCX: it holds courses or workouts only");
  }
  const { device } = handler;
  return { format: "tcx", ...(device && { device }), records: activities.usable() };
}

/** Where an activity may stand: alone, or as a leg of a multisport session. */
const ACTIVITY_PARENTS: ReadonlySet<string> = new Set(["Activities", "FirstSport", "NextSport"]);

class TcxHandler implements XmlHandler {
  readonly activities = new RecordList();
  device: string | undefined;
  hasPlans = false;
  #activity: TcxActivity | undefined;

  open(name: string, parent: string, attributes: XmlAttributes): void {
    if (name === "Activity" && ACTIVITY_PARENTS.has(parent)) {
      this.#activity = new TcxActivity(attributes["Sport"]);
    } else if (name === "Course" || name === "Workout") {
      this.hasPlans = true;
    } else {
      this.#activity?.open(name, parent, attributes);
    }
  }

  close(name: string, parent: string, text: string): void {
    const activity = this.#activity;
    if (name !== "Activity" || !ACTIVITY_PARENTS.has(parent)) {
      return activity?.close(name, parent, text);
    }
    this.#activity = undefined;
    if (!activity) return;
    this.device ??= activity.device;
    this.activities.add(activity.finish());
  }
}
