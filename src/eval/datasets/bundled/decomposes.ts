import type { BundledRow } from "./row.ts";

/** Problems whose parts do not need each other. `parts` says how many there are. */
export const decomposes: readonly BundledRow[] = [
  {
    id: "three-products",
    kind: "decomposes",
    parts: 3,
    topic: "arithmetic",
    question: "Work out 34 * 27, 18 * 45 and 63 * 12, and add the three results. What is the sum?",
    answer: "2484",
  },
  {
    id: "school-trip",
    kind: "decomposes",
    parts: 3,
    topic: "arithmetic",
    question:
      "A school hires 3 buses for 240 euros each, buys 115 museum tickets for 8 euros each and orders 115 lunches for 6 euros each. How many euros does the trip cost in all?",
    answer: "2330",
  },
  {
    id: "multiples-of-seven",
    kind: "decomposes",
    parts: 3,
    topic: "counting",
    question:
      "How many multiples of 7 are there from 1 to 100, from 200 to 300 and from 400 to 500, in the three ranges together?",
    answer: "42",
  },
  {
    id: "playground",
    kind: "decomposes",
    parts: 4,
    topic: "geometry",
    question:
      "A playground is made of four parts that do not overlap: a rectangle of 12 m by 9 m, a square with sides of 7 m, a right triangle whose legs are 8 m and 15 m, and a rectangle of 5 m by 11 m. What is its area in square metres?",
    answer: "272",
  },
  {
    id: "four-boxes-of-coins",
    kind: "decomposes",
    parts: 4,
    topic: "arithmetic",
    question:
      "Four boxes hold coins. The first has 23 coins of 5 cents, the second 17 coins of 20 cents, the third 31 coins of 10 cents and the fourth 9 coins of 50 cents. How many cents are in the four boxes together?",
    answer: "1215",
  },
  {
    id: "divisor-counts",
    kind: "decomposes",
    parts: 3,
    topic: "number theory",
    question: "Count the positive divisors of 36, those of 48 and those of 100. What is the sum of the three counts?",
    answer: "28",
  },
  {
    id: "three-remainders",
    kind: "decomposes",
    parts: 3,
    topic: "number theory",
    question:
      "Divide each of 1234, 5678 and 9012 by 11 and note the remainder. What is the sum of the three remainders?",
    answer: "7",
  },
  {
    id: "primes-in-windows",
    kind: "decomposes",
    parts: 3,
    topic: "number theory",
    question:
      "How many prime numbers are there between 10 and 30, between 50 and 70, and between 90 and 110, in the three ranges together?",
    answer: "15",
  },
  {
    id: "digit-sum-cases",
    kind: "decomposes",
    parts: 3,
    topic: "counting",
    question: "How many whole numbers from 10 to 99 have digits that add up to 5, to 9 or to 13?",
    answer: "20",
  },
  {
    id: "gcd-and-lcm",
    kind: "decomposes",
    parts: 3,
    topic: "number theory",
    question:
      "Add the greatest common divisor of 84 and 126, the greatest common divisor of 90 and 135, and the least common multiple of 12 and 18. What is the sum?",
    answer: "123",
  },
  {
    id: "three-travellers",
    kind: "decomposes",
    parts: 3,
    topic: "rates",
    question:
      "A cyclist rides for 2.5 hours at 18 km/h, a bus drives for 45 minutes at 60 km/h, and a hiker walks for 3 hours at 5 km/h. How many kilometres do the three cover in all?",
    answer: "105",
  },
  {
    id: "three-percentages",
    kind: "decomposes",
    parts: 3,
    topic: "arithmetic",
    question: "Find 15% of 240, 35% of 160 and 8% of 450. What is the sum of the three numbers?",
    answer: "128",
  },
  {
    id: "letters-in-order",
    kind: "decomposes",
    parts: 3,
    topic: "counting",
    question:
      "In how many orders can the letters of TREE be written, those of BOOK, and those of LAMP? Orders that look the same count once. Give the sum of the three counts.",
    answer: "48",
  },
  {
    id: "largest-product",
    kind: "decomposes",
    parts: 4,
    topic: "arithmetic",
    question: "Work out 23 * 41, 29 * 33, 19 * 49 and 27 * 35. What is the largest of the four products?",
    answer: "957",
  },
  {
    id: "committee",
    kind: "decomposes",
    parts: 3,
    topic: "counting",
    question:
      "A club has 6 girls, 5 boys and 4 teachers. A committee has 2 girls, 2 boys and 1 teacher. How many committees are possible?",
    answer: "600",
  },
  {
    id: "three-series",
    kind: "decomposes",
    parts: 3,
    topic: "algebra",
    question:
      "Add the squares of 1 to 10, the cubes of 1 to 5 and the first 20 positive even numbers. What is the total?",
    answer: "1030",
  },
  {
    id: "mean-of-classes",
    kind: "decomposes",
    parts: 3,
    topic: "arithmetic",
    question:
      "In a test, 20 pupils of one class have a mean of 70 points, 30 pupils of another class a mean of 80, and 10 pupils of a third a mean of 64. What is the mean of all 60 pupils?",
    answer: "74",
  },
  {
    id: "two-dice",
    kind: "decomposes",
    parts: 3,
    topic: "counting",
    question:
      "A red die and a blue die are rolled. Of the 36 possible outcomes, how many have a sum of 4, of 7 or of 10?",
    answer: "12",
  },
  {
    id: "three-equations",
    kind: "decomposes",
    parts: 3,
    topic: "algebra",
    question:
      "The number a solves 3a + 7 = 40, the number b solves 5b - 12 = 48, and the number c solves c/4 + 3 = 9. What is a + b + c?",
    answer: "47",
  },
  {
    id: "three-pipes",
    kind: "decomposes",
    parts: 3,
    topic: "rates",
    question:
      "Three pipes fill an empty tank. The first gives 14 litres a minute for 35 minutes, the second 9 litres a minute for 70 minutes, and the third 22 litres a minute for 15 minutes. How many litres are in the tank then?",
    answer: "1450",
  },
  {
    id: "three-boxes",
    kind: "decomposes",
    parts: 3,
    topic: "geometry",
    question:
      "A cube has edges of 6 cm, a second box measures 4 cm by 5 cm by 9 cm, and a third 3 cm by 8 cm by 10 cm. What is the volume of the three together, in cubic centimetres?",
    answer: "636",
  },
  {
    id: "three-shifts",
    kind: "decomposes",
    parts: 3,
    topic: "rates",
    question:
      "On one day Mara works from 8:15 to 12:40, from 13:05 to 17:20 and from 18:50 to 21:35. How many minutes does she work in all?",
    answer: "685",
  },
  {
    id: "angles-of-polygons",
    kind: "decomposes",
    parts: 3,
    topic: "geometry",
    question:
      "Add the interior angles of a pentagon, the interior angles of an octagon, and one interior angle of a regular hexagon. How many degrees is the sum?",
    answer: "1740",
  },
  {
    id: "digit-four-on-pages",
    kind: "decomposes",
    parts: 3,
    topic: "counting",
    question:
      "The numbers from 1 to 50, from 140 to 150 and from 440 to 449 are written down. How many times is the digit 4 written?",
    answer: "47",
  },
  {
    id: "fractions-of-numbers",
    kind: "decomposes",
    parts: 3,
    topic: "arithmetic",
    question: "What is the sum of 3/4 of 56, 2/3 of 81 and 5/8 of 64?",
    answer: "136",
  },
  {
    id: "two-bags",
    kind: "decomposes",
    parts: 2,
    topic: "probability",
    question:
      "One bag holds 3 red and 2 blue balls, another 4 red balls and 1 blue ball. One ball is drawn from each. What is the probability that the two have the same colour? Give a fraction in lowest terms.",
    answer: "14/25",
  },
  {
    id: "squares-in-a-grid",
    kind: "decomposes",
    parts: 4,
    topic: "counting",
    question:
      "A rectangle is divided into unit squares, 4 rows of 5. How many squares of the sizes 1 by 1, 2 by 2, 3 by 3 and 4 by 4 does the grid contain altogether?",
    answer: "40",
  },
  {
    id: "handshakes",
    kind: "decomposes",
    parts: 3,
    topic: "counting",
    question:
      "Three clubs with 8, 11 and 6 members meet. Every member shakes hands once with every other member of the same club. How many handshakes are there in all?",
    answer: "98",
  },
  {
    id: "four-powers",
    kind: "decomposes",
    parts: 4,
    topic: "arithmetic",
    question: "What is 2^9 + 3^5 + 5^4 - 7^3?",
    answer: "1037",
  },
  {
    id: "last-digits",
    kind: "decomposes",
    parts: 3,
    topic: "number theory",
    question:
      "Find the last digit of 7^10, the last digit of 3^15 and the last digit of 8^9. What is the sum of the three digits?",
    answer: "24",
  },
];
