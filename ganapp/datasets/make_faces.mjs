// Draws the procedural faces: see make_faces.py. Writes faces.rgb (64 x 64 pixels of three bytes a
// face) and faces.json (what each face has) into the folder where it is called.

import { createAvatar } from "@dicebear/core";
import * as micah from "@dicebear/micah";
import { Resvg } from "@resvg/resvg-js";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";

const COUNT = Number(process.argv[2] ?? 12200);
const SIDE = 64;

const HAIR = {
  bald: "mrClean", quiff: "fonze", mohawk: "mrT", fringe: "dannyPhantom", long: "full",
  turban: "turban", bob: "pixie",
};
const HAIR_COLOUR = { black: "3b3431", brown: "6b4226", red: "b5502b", blond: "e3bc5d", grey: "b9b6b2" };
const SKIN = { light: "f9c9b6", tan: "e0a57f", brown: "ac6651", dark: "77311d" };
const GLASSES = { none: "", round: "round", square: "square" };
const BEARD = { none: "", stubble: "scruff", full: "beard" };
const MOUTH = { smile: "smile", laugh: "laughing", sad: "sad", frown: "frown", open: "surprised" };
const EARRINGS = { none: "", hoop: "hoop", stud: "stud" };
const EYES = ["eyes", "round", "smiling"];
const SHIRT = ["4f7cac", "c8553d", "588157", "e9c46a", "ffffff", "8e7dbe"];
const BACKGROUND = ["dfeaf2", "f6e7d8", "e3efdc", "efe3ee"];

// Mulberry32, so that the same faces are drawn everywhere.
let state = 20261129;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const one = (list) => list[Math.floor(random() * list.length)];
const oneOf = (kinds, none = 0) =>
  none && random() < none ? "none" : one(Object.keys(kinds).filter((kind) => !none || kind !== "none"));

function person() {
  return {
    hair: oneOf(HAIR), "hair colour": oneOf(HAIR_COLOUR), skin: oneOf(SKIN),
    glasses: oneOf(GLASSES, 0.5), beard: oneOf(BEARD, 0.6), mouth: oneOf(MOUTH),
    earrings: oneOf(EARRINGS, 0.7), eyes: one(EYES), shirt: one(["open", "crew", "collared"]),
    "shirt colour": one(SHIRT), background: one(BACKGROUND),
  };
}

function drawn(face) {
  const colour = HAIR_COLOUR[face["hair colour"]];
  const svg = createAvatar(micah, {
    seed: "face", scale: 128, translateX: 6, translateY: 6,
    backgroundColor: [face.background], baseColor: [SKIN[face.skin]],
    hair: [HAIR[face.hair]], hairProbability: 100, hairColor: [colour],
    eyebrows: ["up"], eyebrowsColor: ["000000"],
    eyes: [face.eyes], eyeShadowColor: ["d2eff3"],
    mouth: [MOUTH[face.mouth]], nose: ["curve"], ears: ["attached"],
    glasses: [GLASSES[face.glasses] || "round"], glassesColor: ["2f9fd8"],
    glassesProbability: face.glasses === "none" ? 0 : 100,
    facialHair: [BEARD[face.beard] || "beard"], facialHairColor: [colour],
    facialHairProbability: face.beard === "none" ? 0 : 100,
    earrings: [EARRINGS[face.earrings] || "hoop"], earringColor: ["f4d150"],
    earringsProbability: face.earrings === "none" ? 0 : 100,
    shirt: [face.shirt], shirtColor: [face["shirt colour"]],
  }).toString();
  const { pixels } = new Resvg(svg, { fitTo: { mode: "width", value: SIDE } }).render();
  return Buffer.from(pixels.filter((_, place) => place % 4 !== 3)); // the background is opaque
}

const file = openSync("faces.rgb", "w");
const people = [];
for (let number = 0; number < COUNT; number += 1) {
  const face = person();
  people.push(face);
  writeSync(file, drawn(face));
  if (number % 1000 === 999) console.log(`${number + 1} faces drawn`);
}
closeSync(file);
writeFileSync("faces.json", JSON.stringify(people));
