/** A thing of everyday life, and a sentence about each side of it. */
export interface Thing {
  /** Such as `a cat`. */
  readonly name: string;
  readonly is: string;
  readonly looks: string;
  readonly isFound: string;
}

/** `name | is | looks | isFound`, each as it follows the name. */
const table = `
a cat | a small animal that hunts mice | soft fur and long whiskers | in many homes
a dog | a loyal animal that guards the house | a wet nose and a tail that wags | next to people
a horse | a large animal that carries riders | a long mane and strong legs | on farms and meadows
a cow | a farm animal that gives milk | a broad head and a heavy body | on green pastures
a goat | a farm animal that climbs well | two horns and a short beard | in dry hills
a hen | a bird that lays eggs | brown feathers and a red comb | in a coop
a duck | a bird that swims | a flat bill and webbed feet | on ponds and lakes
an owl | a bird that hunts at night | round eyes and quiet wings | in old trees
an eagle | a bird of prey | a hooked beak and wide wings | in the mountains
a penguin | a bird that cannot fly | a black back and a white front | on cold coasts
a shark | a fish that hunts | a grey skin and many teeth | in the sea
a salmon | a fish that swims up rivers | silver scales and a pink flesh | in cold rivers
a whale | a huge animal that breathes air | a smooth skin and a wide tail | in the oceans
a frog | a small animal that jumps | a green skin and long legs | near still water
a snake | an animal without legs | dry scales and a thin body | in warm grass
a bee | an insect that makes honey | yellow stripes and thin wings | near flowers
an ant | an insect that works in groups | six legs and a hard body | under the ground
a spider | an animal that spins webs | eight legs and a round body | in quiet corners
a lion | a big cat that lives in groups | a golden coat and a thick mane | on warm plains
a tiger | a big cat that hunts alone | orange fur and black stripes | in the jungle
a bear | a heavy animal that sleeps in winter | thick fur and large paws | in deep forests
a wolf | a wild animal that hunts in packs | grey fur and sharp eyes | in northern forests
a fox | a clever animal that hunts at dusk | red fur and a bushy tail | at the edge of woods
a rabbit | a shy animal that eats grass | long ears and a short tail | in burrows
a mouse | a tiny animal that eats seeds | round ears and a thin tail | in barns
an apple | a fruit that grows on trees | a red skin and white flesh | in orchards
a banana | a fruit that ripens after the harvest | a yellow peel and soft flesh | in warm countries
a lemon | a sour fruit | a yellow skin and pale flesh | near warm seas
a grape | a small fruit that becomes wine | a thin skin and sweet juice | on vines
a carrot | a root that we eat | an orange colour and green leaves | in garden beds
a potato | a root that fills us | a brown skin and pale flesh | under the soil
an onion | a bulb with a strong smell | many layers and a dry skin | in every kitchen
a tomato | a fruit that we use as a vegetable | a red skin and soft seeds | in sunny gardens
bread | a food made of flour | a brown crust and a soft inside | in bakeries
cheese | a food made of milk | a firm body and a yellow colour | in cellars and shops
tea | a drink made of leaves | a clear brown colour | in cups all over the world
coffee | a drink made of roasted beans | a dark colour and a light foam | in cafes
a bicycle | a vehicle with two wheels | a light frame and two pedals | on paths and streets
a car | a vehicle with a motor | four wheels and a closed body | on roads
a train | a vehicle that runs on rails | a long row of wagons | between cities
a ship | a vehicle that floats | a wide hull and a high deck | on the sea
a plane | a vehicle that flies | two wings and a narrow body | at airports
a piano | an instrument with keys | black and white keys | in concert halls
a violin | an instrument with four strings | a curved body and a bow | in an orchestra
a drum | an instrument that one beats | a round frame and a tight skin | at the back of a band
a flute | an instrument that one blows | a thin tube with holes | in school bands
a hammer | a tool that drives nails | a heavy head and a wooden handle | in a toolbox
a saw | a tool that cuts wood | a long blade with teeth | in a workshop
a river | water that flows to the sea | a winding bed and green banks | in valleys
a mountain | land that rises high | steep sides and a snowy top | where plates of the earth meet
a desert | land with little rain | wide dunes and bare rocks | in hot and dry regions
the moon | a body that circles the earth | a pale face with craters | in the night sky
`;

export const things: readonly Thing[] = table
  .trim()
  .split("\n")
  .map((line) => {
    const [name = "", is = "", looks = "", isFound = ""] = line.split(" | ");
    return { name, is, looks, isFound };
  });

/** One sentence about each side of a thing. */
export const sentences = {
  is: ({ name, is }: Thing): string => `${capital(name)} is ${is}.`,
  looks: ({ name, looks }: Thing): string => `${capital(name)} has ${looks}.`,
  isFound: ({ name, isFound }: Thing): string => `${capital(name)} is found ${isFound}.`,
} as const;
export type Side = keyof typeof sentences;

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
