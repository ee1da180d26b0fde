import { testRankingConformance } from "@/tests/support/ranking_conformance.ts";
import { createLocalRanking } from "./local_ranking.ts";

testRankingConformance({ name: "createLocalRanking()", open: createLocalRanking });
