import type { BundledRow } from "./row.ts";

/** Problems of which each step needs the one before. `steps` says how many there are. */
export const chains: readonly BundledRow[] = [
  {
    id: "number-machine",
    kind: "chain",
    steps: 4,
    topic: "arithmetic",
    question:
      "Start with 7. Multiply by 6, subtract 9, divide the result by 3, and square what you have. What is the final number?",
    answer: "121",
  },
  {
    id: "price-tag",
    kind: "chain",
    steps: 3,
    topic: "arithmetic",
    question:
      "A coat costs 200 euros. Its price falls by 25%. The new price falls by another 10%. On that price a tax of 20% is added. How many euros does the customer pay?",
    answer: "162",
  },
  {
    id: "savings-account",
    kind: "chain",
    steps: 3,
    topic: "arithmetic",
    question:
      "An account holds 1000 euros. At the end of each year it grows by 10% of what it holds. How many euros does it hold after 3 years?",
    answer: "1331",
  },
  {
    id: "triple-minus-one",
    kind: "chain",
    steps: 4,
    topic: "algebra",
    question:
      "The first term of a sequence is 2. Each later term is three times the one before, minus 1. What is the fifth term?",
    answer: "122",
  },
  {
    id: "sum-of-the-last-two",
    kind: "chain",
    steps: 7,
    topic: "algebra",
    question:
      "A sequence begins with 3 and 4. Each later term is the sum of the two before it. What is the ninth term?",
    answer: "123",
  },
  {
    id: "jar-of-sweets",
    kind: "chain",
    steps: 3,
    topic: "algebra",
    question:
      "Ana takes half of the sweets in a jar. Then Ben takes 6. Then Cem takes a third of what is left. Now 20 sweets remain. How many were there at first?",
    answer: "72",
  },
  {
    id: "train-and-fuel",
    kind: "chain",
    steps: 3,
    topic: "rates",
    question:
      "A train covers 180 km in 2 hours and 30 minutes. It goes on at the same speed for 45 minutes, and needs 3 litres of fuel for each kilometre of that second part. How many litres does the second part take?",
    answer: "162",
  },
  {
    id: "remainder-of-remainder",
    kind: "chain",
    steps: 3,
    topic: "number theory",
    question:
      "Divide 2000 by 47 and keep the remainder. Square it, divide by 47 and keep the new remainder. Multiply that by 5, divide by 47 once more. What is the last remainder?",
    answer: "43",
  },
  {
    id: "rectangle-to-square",
    kind: "chain",
    steps: 3,
    topic: "geometry",
    question:
      "A rectangle has an area of 96 square centimetres, and one of its sides is 8 cm. A square has the same perimeter as the rectangle. What is the area of the square in square centimetres?",
    answer: "100",
  },
  {
    id: "halve-or-triple",
    kind: "chain",
    steps: 9,
    topic: "number theory",
    question:
      "Start with 13. If the number is even, halve it; if it is odd, multiply it by 3 and add 1. Repeat until you reach 1. How many times was the number changed?",
    answer: "9",
  },
  {
    id: "four-ages",
    kind: "chain",
    steps: 3,
    topic: "algebra",
    question:
      "Gina is 12 years old. Finn is 3 years younger than Gina. Emil is twice as old as Finn. Dora is 4 years older than Emil. How old is Dora?",
    answer: "22",
  },
  {
    id: "town-population",
    kind: "chain",
    steps: 3,
    topic: "arithmetic",
    question:
      "A town has 5000 inhabitants. In the first year their number rises by 20%, in the second it falls by 15%, and in the third it rises by 10%. How many inhabitants are there after that?",
    answer: "5610",
  },
  {
    id: "digits-of-digits",
    kind: "chain",
    steps: 4,
    topic: "number theory",
    question: "Work out 2^12 and add its digits. Square that sum, and add the digits of the square. What do you get?",
    answer: "10",
  },
  {
    id: "subtract-and-repeat",
    kind: "chain",
    steps: 5,
    topic: "number theory",
    question: "Find the greatest common divisor of 1190 and 748.",
    answer: "34",
  },
  {
    id: "ones-in-binary",
    kind: "chain",
    steps: 3,
    topic: "number theory",
    question:
      "Write 45 in base two and count the digits that are 1. Raise 3 to the power of that count. What is the result?",
    answer: "81",
  },
  {
    id: "x-then-y-then-z",
    kind: "chain",
    steps: 3,
    topic: "algebra",
    question:
      "The number x solves 4x - 9 = 2x + 5. The number y is x^2 - 3x. The number z solves 3z = y + 2x. What is z?",
    answer: "14",
  },
  {
    id: "moving-clock",
    kind: "chain",
    steps: 3,
    topic: "rates",
    question:
      "A clock shows 9:40 in the morning. It is set forward by 2 hours and 15 minutes, then back by 50 minutes, then forward by 3 hours and 25 minutes. How many minutes after midnight is the time that it shows now?",
    answer: "870",
  },
  {
    id: "robot-walk",
    kind: "chain",
    steps: 4,
    topic: "geometry",
    question:
      "A robot faces north. It walks 5 m, turns right and walks 3 m, turns right and walks 9 m, turns right and walks 7 m. What is the square of its distance from the start, in square metres?",
    answer: "32",
  },
  {
    id: "diluted-juice",
    kind: "chain",
    steps: 3,
    topic: "rates",
    question:
      "A can holds 16 litres of juice. Three times, 4 litres are poured out, the can is filled up with water, and the contents are mixed. How many litres of juice are left in the can?",
    answer: "6.75",
  },
  {
    id: "snail-in-a-well",
    kind: "chain",
    steps: 5,
    topic: "rates",
    question:
      "A snail sits at the bottom of a well that is 17 m deep. Each day it climbs 5 m, and each night it slides down 2 m. How many days does it need to reach the top, with the day on which it arrives?",
    answer: "5",
  },
  {
    id: "guess-my-number",
    kind: "chain",
    steps: 4,
    topic: "algebra",
    question:
      "I think of a number. I add 8, multiply by 5, subtract 15 and halve the result. I get 50. What was my number?",
    answer: "15",
  },
  {
    id: "growing-culture",
    kind: "chain",
    steps: 7,
    topic: "rates",
    question:
      "A culture has 150 cells. Their number doubles every 20 minutes. After 2 hours a quarter of the cells is removed. How many cells are left?",
    answer: "7200",
  },
  {
    id: "diagonal-of-a-box",
    kind: "chain",
    steps: 2,
    topic: "geometry",
    question:
      "A box is 6 cm long, 8 cm wide and 24 cm high. How many centimetres is the straight line from one corner to the opposite corner, through the inside of the box?",
    answer: "26",
  },
  {
    id: "first-sum-over-200",
    kind: "chain",
    steps: 3,
    topic: "number theory",
    question:
      "Let n be the smallest whole number for which 1 + 2 + ... + n is more than 200. By how much is that sum more than 200? Multiply this difference by n. What do you get?",
    answer: "200",
  },
  {
    id: "market-barter",
    kind: "chain",
    steps: 3,
    topic: "rates",
    question:
      "At a market, 3 apples are worth 2 pears, 4 pears are worth 5 plums, and 6 plums are worth 8 figs. How many figs are 36 apples worth?",
    answer: "40",
  },
  {
    id: "building-walls",
    kind: "chain",
    steps: 2,
    topic: "rates",
    question:
      "Six workers build 12 walls in 8 days. All work at the same speed. How many walls do 10 such workers build in 6 days?",
    answer: "15",
  },
  {
    id: "square-plus-one",
    kind: "chain",
    steps: 4,
    topic: "number theory",
    question:
      "Start with 2. Square the number, add 1, and keep the remainder on division by 17. Do this four times in all. What is the final number?",
    answer: "10",
  },
  {
    id: "folded-paper",
    kind: "chain",
    steps: 4,
    topic: "geometry",
    question:
      "A square sheet of paper has sides of 32 cm. It is folded in half so that its longer sides become half as long; a square is folded along either direction. This is done four times. What is the perimeter of the folded sheet in centimetres?",
    answer: "32",
  },
  {
    id: "growing-savings",
    kind: "chain",
    steps: 3,
    topic: "arithmetic",
    question:
      "Lea saves 5 euros in the first week, and in each later week 3 euros more than in the week before. After 8 weeks she spends half of her savings, and then buys 4 books for 9 euros each. How many euros are left?",
    answer: "26",
  },
  {
    id: "mean-after-mean",
    kind: "chain",
    steps: 3,
    topic: "arithmetic",
    question:
      "Take the mean of 14 and 26. Take the mean of that result and 44. Take the mean of that result and 60. What is the last mean?",
    answer: "46",
  },
];
