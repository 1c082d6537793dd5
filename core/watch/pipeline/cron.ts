import { WheelhouseError } from '../../records/index.ts';

type Field = { values: ReadonlySet<number>; isAny: boolean };
type Schedule = { minute: Field; hour: Field; day: Field; month: Field; weekday: Field };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** The 29th of February may be eight years away. */
const farthestDays = 8 * 366 + 1;

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const refuse = (cron: string, why: string) =>
  new WheelhouseError('invalid_request', `\`${cron.slice(0, 80)}\` is no schedule: ${why}.`, {
    hint: 'Five fields in UTC: minute, hour, day of the month, month, weekday. `0 3 * * mon` is Mondays at 3:00.',
  });

type Range = { low: number; high: number; names?: readonly string[]; namesFrom?: number };

function readField(text: string, range: Range, cron: string): Field {
  const { low, high, names = [], namesFrom = 0 } = range;
  const number = (word: string): number => {
    const named = names.indexOf(word.toLowerCase());
    const value = named === -1 ? (/^\d{1,2}$/.test(word) ? Number(word) : Number.NaN) : named + namesFrom;
    if (!(value >= low && value <= high)) throw refuse(cron, `\`${word}\` is not between ${low} and ${high}`);
    return value;
  };
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [, of = '', step] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    const [from = '', to, ...more] = of.split('-');
    if (of === '' || more.length > 0 || step === '0') throw refuse(cron, `\`${part}\` cannot be read`);
    const isAll = of === '*';
    const first = isAll ? low : number(from);
    const last = isAll || (to === undefined && step !== undefined) ? high : number(to ?? from);
    if (last < first) throw refuse(cron, `\`${part}\` ends before it begins`);
    for (let value = first; value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return { values, isAny: text === '*' };
}

function readSchedule(cron: string): Schedule {
  const fields = cron.trim().split(/\s+/);
  const [minute, hour, day, month, weekday] = fields;
  if (!minute || !hour || !day || !month || !weekday || fields.length !== 5)
    throw refuse(cron, `it has ${cron.trim() === '' ? 0 : fields.length} fields, not 5`);
  const week = readField(weekday, { low: 0, high: 7, names: weekdays }, cron);
  return {
    minute: readField(minute, { low: 0, high: 59 }, cron),
    hour: readField(hour, { low: 0, high: 23 }, cron),
    day: readField(day, { low: 1, high: 31 }, cron),
    month: readField(month, { low: 1, high: 12, names: months, namesFrom: 1 }, cron),
    weekday: { values: new Set([...week.values].map((value) => value % 7)), isAny: week.isAny },
  };
}

/** Where both are given, a day fits that fits one of the two: POSIX crontab. */
function fitsDay({ day, month, weekday }: Schedule, at: Date): boolean {
  if (!month.values.has(at.getUTCMonth() + 1)) return false;
  const fitsDate = day.values.has(at.getUTCDate());
  const fitsWeekday = weekday.values.has(at.getUTCDay());
  return day.isAny || weekday.isAny ? fitsDate && fitsWeekday : fitsDate || fitsWeekday;
}

/**
 * The first minute after a time that a schedule of five fields names, both in milliseconds since 1970, in UTC.
 * Follows crontab(5) of POSIX, with steps, and names of months and weekdays.
 * @throws WheelhouseError `invalid_request` where it cannot be read, or names no day that there is
 */
export function nextOfSchedule(cron: string, afterMs: number): number {
  const schedule = readSchedule(cron);
  const fromMs = (Math.floor(afterMs / minuteMs) + 1) * minuteMs;
  const firstDayMs = Math.floor(fromMs / dayMs) * dayMs;
  for (let days = 0; days <= farthestDays; days++) {
    const atMs = firstDayMs + days * dayMs;
    if (!fitsDay(schedule, new Date(atMs))) continue;
    for (let hour = 0; hour < 24; hour++) {
      if (!schedule.hour.values.has(hour)) continue;
      for (let minute = 0; minute < 60; minute++) {
        const nextMs = atMs + hour * hourMs + minute * minuteMs;
        if (nextMs >= fromMs && schedule.minute.values.has(minute)) return nextMs;
      }
    }
  }
  throw refuse(cron, 'there is no such day');
}
