/** The sixty athletes of the demo: invented people, each with habits of their own. */

import type { Provider } from "@/contracts/fitness.ts";
import type { Actor, UserActor } from "@/domain/actor.ts";
import type { ActivityType } from "@/domain/activity.ts";
import type { EpochMs } from "@/domain/time.ts";
import { around, between, type Chance, createChance, happens, pick } from "./chance.ts";

/** How somebody moves, and with what. */
export interface Habits {
  sport: Extract<ActivityType, "running" | "walking" | "hiking">;
  /** In the main sport, in m/s. */
  speed: number;
  /** A usual session, in m. */
  sessionM: number;
  sessionsPerWeek: number;
  dailySteps: number;
  /** A watch tells steps by the hour, a phone once a day. */
  hasWatch: boolean;
  provider: Provider;
  app: string;
}

/** One of the sixty. */
export interface Athlete {
  /** 0–59, the seed of everything that is by chance. */
  index: number;
  name: string;
  email: string;
  /** ISO 3166 code. */
  country: string;
  timeZone: string;
  units: "metric" | "imperial";
  habits: Habits;
}

/** Name, country, zone. */
const PEOPLE: readonly (readonly [name: string, country: string, timeZone: string])[] = [
  ["Aino Lehtovaara", "FI", "Europe/Helsinki"],
  ["Mateus Figueira", "BR", "America/Sao_Paulo"],
  ["Ingrid Solbakken", "NO", "Europe/Oslo"],
  ["Kofi Asantewa", "GH", "Africa/Accra"],
  ["Yuki Tanemura", "JP", "Asia/Tokyo"],
  ["Brigitte Aumont", "FR", "Europe/Paris"],
  ["Declan Furlong", "IE", "Europe/Dublin"],
  ["Sunita Raghavan", "IN", "Asia/Kolkata"],
  ["Tomasz Wieruszewski", "PL", "Europe/Warsaw"],
  ["Lerato Mokgosi", "ZA", "Africa/Johannesburg"],
  ["Hannah Lindenthal", "DE", "Europe/Berlin"],
  ["Joaquín Arrieta", "AR", "America/Argentina/Buenos_Aires"],
  ["Wanjiru Kamande", "KE", "Africa/Nairobi"],
  ["Elias Norrgård", "SE", "Europe/Stockholm"],
  ["Mei-Ling Choo", "SG", "Asia/Singapore"],
  ["Carter Bellweather", "US", "America/Denver"],
  ["Francesca Tolomei", "IT", "Europe/Rome"],
  ["Oluwaseun Adebayo-Finch", "NG", "Africa/Lagos"],
  ["Saskia van der Veldt", "NL", "Europe/Amsterdam"],
  ["Rafael Quintanar", "MX", "America/Mexico_City"],
  ["Anahit Sarkisova", "AM", "Asia/Yerevan"],
  ["Bo-ra Hwang", "KR", "Asia/Seoul"],
  ["Priya Mandalia", "GB", "Europe/London"],
  ["Lukas Hofstätter", "AT", "Europe/Vienna"],
  ["Tiare Hauata", "NZ", "Pacific/Auckland"],
  ["Zeynep Karaova", "TR", "Europe/Istanbul"],
  ["Noah Whitcombe", "CA", "America/Toronto"],
  ["Marisol Echenique", "CL", "America/Santiago"],
  ["Petra Dvorníková", "CZ", "Europe/Prague"],
  ["Samir Bouzidane", "MA", "Africa/Casablanca"],
  ["Linnea Haglöf", "SE", "Europe/Stockholm"],
  ["Gareth Pritcherd", "GB", "Europe/London"],
  ["Adaeze Nwokolo", "NG", "Africa/Lagos"],
  ["Hiroto Shimazaki", "JP", "Asia/Tokyo"],
  ["Camille Desrosiers", "CA", "America/Montreal"],
  ["Andrei Munteanescu", "RO", "Europe/Bucharest"],
  ["Katarina Bjelić", "RS", "Europe/Belgrade"],
  ["Diego Valdelomar", "PE", "America/Lima"],
  ["Freya Thorvaldsen", "DK", "Europe/Copenhagen"],
  ["Rohan Wickramatunga", "LK", "Asia/Colombo"],
  ["Beatriz Carvalhal", "PT", "Europe/Lisbon"],
  ["Jasper Holloway", "AU", "Australia/Melbourne"],
  ["Noor al-Rashidi", "AE", "Asia/Dubai"],
  ["Emil Raudsepp", "EE", "Europe/Tallinn"],
  ["Siobhán Kilgarriff", "IE", "Europe/Dublin"],
  ["Thabo Nkosana", "ZA", "Africa/Johannesburg"],
  ["Valentina Orsolini", "IT", "Europe/Rome"],
  ["Maddox Treharne", "US", "America/Los_Angeles"],
  ["Quynh Anh Duong", "VN", "Asia/Ho_Chi_Minh"],
  ["Henrik Aaltonen-Berg", "FI", "Europe/Helsinki"],
  ["Leila Farhadpour", "DE", "Europe/Berlin"],
  ["Benedikt Sturluson", "IS", "Atlantic/Reykjavik"],
  ["Chantal Mbarga", "CM", "Africa/Douala"],
  ["Oskar Wiśnicki", "PL", "Europe/Warsaw"],
  ["Ximena Portocarrero", "CO", "America/Bogota"],
  ["Dagny Fjellheim", "NO", "Europe/Oslo"],
  ["Arjun Pathmanathan", "MY", "Asia/Kuala_Lumpur"],
  ["Rosalind Ashgrove", "US", "America/New_York"],
  ["Mikheil Javakhia", "GE", "Asia/Tbilisi"],
  ["Elske Dijkgraaf", "NL", "Europe/Amsterdam"],
];

/** Any whole number; another one makes another demo. */
const SEED = 20_260_501;

/** Speeds of each sport in m/s: a slow and a quick amateur. */
const SPEEDS = {
  running: { from: 2.3, to: 4.1 },
  walking: { from: 1.25, to: 1.75 },
  hiking: { from: 0.95, to: 1.4 },
};
/** Usual sessions in m. */
const SESSIONS = {
  running: { from: 4_500, to: 13_000 },
  walking: { from: 2_500, to: 7_000 },
  hiking: { from: 5_000, to: 14_000 },
};

const COUNTRIES_IN_MILES = ["US", "GB"];

/** All athletes; the same at every call. */
export function demoAthletes(): Athlete[] {
  return PEOPLE.map(([name, country, timeZone], index) => ({
    index,
    name,
    email: `${mailName(name)}@demo.invalid`,
    country,
    timeZone,
    units: COUNTRIES_IN_MILES.includes(country) ? "imperial" : "metric",
    habits: habitsOf(chanceOf(index, "habits")),
  }));
}

/** Matters that chance decides about each athlete, apart from each other. */
const MATTERS = ["habits", "history", "distance", "steps", "plank"] as const;

/** The chance of one athlete in one matter, so that changing one changes no other. */
export function chanceOf(index: number, matter: typeof MATTERS[number]): Chance {
  return createChance(SEED + index * MATTERS.length + MATTERS.indexOf(matter));
}

function habitsOf(chance: Chance): Habits {
  const sport = pick(chance, ["running", "running", "running", "walking", "hiking"] as const);
  const isApple = happens(chance, 0.4);
  return {
    sport,
    speed: between(chance, SPEEDS[sport].from, SPEEDS[sport].to),
    sessionM: between(chance, SESSIONS[sport].from, SESSIONS[sport].to),
    sessionsPerWeek: around(chance, 4, 2.5),
    dailySteps: around(chance, 9_500, 5_500),
    hasWatch: happens(chance, 0.25),
    provider: isApple ? "apple_health" : "health_connect",
    app: pick(chance, isApple ? ["Stepwell", "Ringo Fitness"] : ["Trailmark", "Stepwell"]) ??
      "Stepwell",
  };
}

/** The letters of a name without marks, joined by dots. */
function mailName(name: string): string {
  const plain = name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("ł", "l");
  return plain.replace(/[^a-z]+/g, ".");
}

/** The demo itself, where no athlete acts. */
export const SYSTEM: Actor = { kind: "system", name: "demo", requestId: null, address: null };

/** The athlete as services see somebody signed in; there is no session behind it. */
export function athleteActor(userId: string, expiresAt: EpochMs): UserActor {
  return {
    kind: "user",
    userId,
    role: "member",
    sessionId: "00000000-0000-0000-0000-000000000000",
    via: "api",
    expiresAt,
    requestId: null,
    address: null,
  };
}
