/** How many days traces are kept. */
export type KeepDays = number | 'forever';
