/** A unit's base unit, and how many of those it is: numerator and denominator. */
type Row = readonly [base: string, above?: number, below?: number];

function rows(
  base: string,
  spellings: Readonly<Record<string, readonly [above: number, below?: number]>>,
): [string, Row][] {
  return Object.entries(spellings).flatMap(([names, [above, below = 1]]) =>
    names.split(" ").map((name): [string, Row] => [name, [base, above, below]]),
  );
}

/** Units by spelling; plurals are found without their s. */
export const unitTable: Readonly<Record<string, Row>> = Object.fromEntries([
  ...rows("m", {
    "m meter metre": [1],
    "km kilometer kilometre": [1000],
    "dm decimeter decimetre": [1, 10],
    "cm centimeter centimetre": [1, 100],
    "mm millimeter millimetre": [1, 1000],
    "micrometer micron": [1, 1e6],
    "nm nanometer nanometre": [1, 1e9],
    "in inch inche": [254, 10_000],
    "ft foot feet": [3048, 10_000],
    "yd yard": [9144, 10_000],
    "mi mile": [1_609_344, 1000],
  }),
  ...rows("kg", {
    "kg kilogram": [1],
    "g gram": [1, 1000],
    "mg milligram": [1, 1e6],
    "lb lbs pound": [45_359_237, 1e8],
    "ton tonne": [1000],
  }),
  ...rows("oz", { "oz ounce": [1] }),
  ...rows("s", {
    "s sec second": [1],
    "ms millisecond": [1, 1000],
    "min minute": [60],
    "h hr hour": [3600],
    day: [86_400],
    week: [604_800],
  }),
  ...rows("year", { "year yr": [1] }),
  ...rows("month", { month: [1] }),
  ...rows("litre", {
    "l L liter litre": [1],
    "ml mL milliliter millilitre": [1, 1000],
    "gallon gal": [3_785_411_784, 1e9],
  }),
  ...rows("dollar", { "dollar usd USD buck": [1], cent: [1, 100] }),
  ...rows("euro", { "euro eur EUR": [1] }),
  ...rows("yen", { "yen jpy": [1] }),
  ...rows("yuan", { "yuan rmb": [1] }),
  ...rows("rupee", { "rupee rs Rs": [1] }),
  ...rows("degree", { "degree deg": [1] }),
  ...rows("radian", { "radian rad": [1] }),
  ...rows("celsius", { celsius: [1] }),
  ...rows("kelvin", { "K kelvin": [1] }),
  ...rows("J", { "J joule": [1], "kJ kilojoule": [1000], erg: [1, 1e7] }),
  ...rows("eV", { eV: [1], keV: [1000], MeV: [1e6], GeV: [1e9] }),
  ...rows("N", { "N newton": [1], kN: [1000] }),
  ...rows("W", { "W watt": [1], "kW kilowatt": [1000], MW: [1e6] }),
  ...rows("Pa", { "Pa pascal": [1], kPa: [1000], MPa: [1e6], GPa: [1e9] }),
  ...rows("Hz", { "Hz hertz": [1], kHz: [1000], MHz: [1e6], GHz: [1e9] }),
  ...rows("mol", { "mol mole": [1], mmol: [1, 1000] }),
  ...rows("V", { "V volt": [1], mV: [1, 1000], kV: [1000] }),
  ...rows("mph", { mph: [1] }),
  ...rows("kph", { "kph kmh": [1] }),
  ...rows("percent", { percent: [1] }),
]);
