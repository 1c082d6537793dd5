import type { Handlers, ReconciliationBody } from '@wheelhouse/core/contract';
import type { CallCosts, DailyCost } from '@wheelhouse/core/ports';
import { type NanoUsd, WheelhouseError } from '@wheelhouse/core/records';
import { type Catalogue, canonicalProvider } from './genai-prices.ts';
import { type BillLine, readBill } from './read-bill.ts';

export type ReconcileDeps = { costs: Pick<CallCosts, 'daily'>; catalogue: Catalogue };

const maxDays = 400;
const dayMs = 86_400_000;
const allModels = 'all models';
const noModel = 'other';

/** What a model is called in both: by its name where both have it, else by what the catalogue takes both for. */
function nameModels(ours: DailyCost[], bill: BillLine[], catalogue: Catalogue, provider: string | null) {
  const lower = (names: (string | null)[]) =>
    new Set(names.flatMap((name) => (name === null ? [] : [name.toLowerCase()])));
  const [known, billed] = [lower(ours.map(({ model }) => model)), lower(bill.map(({ model }) => model))];
  const providers = provider === null ? [...new Set(ours.map((cost) => cost.provider))] : [provider];
  const atMs = Date.parse(bill[0]?.day ?? '');
  const memory = new Map<string, string>();
  const idOf = (model: string): string => {
    const before = memory.get(model);
    if (before !== undefined) return before;
    const ids = providers.map((name) => catalogue.find({ provider: name, model, atMs, serviceTier: null }).row?.model);
    const id = ids.find((found) => found !== undefined) ?? model;
    memory.set(model, id);
    return id;
  };
  return (model: string): string => {
    const name = model.toLowerCase();
    if (known.has(name) && billed.has(name)) return name;
    const others = [...(known.has(name) ? billed : known)].filter((other) => idOf(other) === idOf(name));
    const [only] = others;
    return others.length === 1 && only !== undefined && known.has(name)
      ? only
      : others.length === 1
        ? name
        : idOf(name);
  };
}

type Row = { day: string; model: string; ours: NanoUsd | null; bill: NanoUsd | null; calls: number; unpriced: number };

function rowsOf(ours: DailyCost[], bill: BillLine[], nameOf: (model: string | null) => string): Row[] {
  const rows = new Map<string, Row>();
  const rowAt = (day: string, model: string): Row => {
    const key = `${day}\n${model}`;
    const row = rows.get(key) ?? { day, model, ours: null, bill: null, calls: 0, unpriced: 0 };
    rows.set(key, row);
    return row;
  };
  for (const cost of ours) {
    const row = rowAt(cost.day, nameOf(cost.model));
    row.calls += cost.calls;
    row.unpriced += cost.unpriced;
    if (cost.costNanoUsd !== null) row.ours = (row.ours ?? 0n) + cost.costNanoUsd;
  }
  for (const line of bill) {
    const row = rowAt(line.day, nameOf(line.model));
    row.bill = (row.bill ?? 0n) + line.nanoUsd;
  }
  return [...rows.values()].sort((a, b) => (a.day === b.day ? (a.model < b.model ? -1 : 1) : a.day < b.day ? -1 : 1));
}

/** Puts a provider's bill beside what calls cost by our prices, by model and UTC day. */
export function createReconcileHandlers({ costs, catalogue }: ReconcileDeps): Handlers<'reconcileBill'> {
  return {
    async reconcileBill({ by, body }): Promise<ReconciliationBody> {
      const bill = readBill(body.content);
      const provider = body.provider === undefined ? bill.provider : canonicalProvider(body.provider);
      const days = bill.lines.map(({ day }) => day).sort();
      const [from = '', until = ''] = [days[0], days.at(-1)];
      if ((Date.parse(until) - Date.parse(from)) / dayMs >= maxDays)
        throw new WheelhouseError('invalid_request', `The bill covers more than ${maxDays} days.`, {
          param: 'content',
        });
      const ours = (await costs.daily(by.project, { from, until })).filter(
        (cost) => provider === null || canonicalProvider(cost.provider) === provider,
      );
      const named = bill.lines.some(({ model }) => model !== null);
      const nameModel = nameModels(ours, bill.lines, catalogue, provider);
      const nameOf = (model: string | null) => (!named ? allModels : model === null ? noModel : nameModel(model));
      const rows = rowsOf(ours, bill.lines, nameOf);
      const oursNanoUsd = rows.reduce((sum, row) => sum + (row.ours ?? 0n), 0n);
      const billNanoUsd = rows.reduce((sum, row) => sum + (row.bill ?? 0n), 0n);
      return {
        format: bill.format,
        provider,
        from,
        until,
        rows: rows.map(({ ours: our, bill: billed, ...row }) => ({
          ...row,
          oursNanoUsd: our === null ? null : String(our),
          billNanoUsd: billed === null ? null : String(billed),
          residualNanoUsd: String((billed ?? 0n) - (our ?? 0n)),
        })),
        oursNanoUsd: String(oursNanoUsd),
        billNanoUsd: String(billNanoUsd),
        residualNanoUsd: String(billNanoUsd - oursNanoUsd),
        calls: rows.reduce((sum, row) => sum + row.calls, 0),
        unpriced: rows.reduce((sum, row) => sum + row.unpriced, 0),
        notes: bill.notes,
      };
    },
  };
}
