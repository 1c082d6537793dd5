import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { UsageBucket } from '@wheelhouse/core/records';
import type { PriceBody } from '@wheelhouse/sdk';
import { useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';
import { ErrorText } from '../../parts/request-state.tsx';
import { useToast } from '../../parts/toast.tsx';

const asked: { bucket: UsageBucket; label: string }[] = [
  { bucket: 'inputUncached', label: 'Input' },
  { bucket: 'outputText', label: 'Output' },
  { bucket: 'cacheRead', label: 'Cache read' },
  { bucket: 'cacheWrite5m', label: 'Cache write, 5 min' },
  { bucket: 'cacheWrite1h', label: 'Cache write, 1 h' },
  { bucket: 'reasoning', label: 'Reasoning' },
];

type TextFieldProps = {
  label: string;
  hint?: string;
  value: string;
  placeholder?: string;
  required?: boolean;
  onChange: (value: string) => void;
};

function TextField({ label, hint, value, placeholder, required, onChange }: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          className="field mono"
          value={value}
          placeholder={placeholder}
          required={required}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** A price of one's own, from a day on. */
export function NewPrice({ onClose }: { onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const toast = useToast();
  const [provider, setProvider] = useState('');
  const [model, setModel] = useState('');
  const [from, setFrom] = useState('');
  const [source, setSource] = useState('');
  const [rates, setRates] = useState<Partial<Record<UsageBucket, string>>>({});
  const given = Object.fromEntries(Object.entries(rates).filter(([, rate]) => rate.trim() !== ''));
  const add = useMutation({
    mutationFn: () =>
      client.call('createPrice', {
        body: { provider, model, usdPerMillion: given, source, ...(from === '' ? {} : { validFrom: from }) },
      }),
    onSuccess: async (price) => {
      toast(`✓ ${price.provider}/${price.model} has a price`);
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['prices'] });
    },
  });
  return (
    <Dialog title="Set a price" onClose={onClose} width={560}>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <div className="grid gap-3 sm:grid-cols-2">
          <TextField label="Provider" value={provider} placeholder="openai" required onChange={setProvider} />
          <TextField
            label="Model"
            hint="A * at its end stands for any ending."
            value={model}
            placeholder="gpt-4o-mini*"
            required
            onChange={setModel}
          />
        </div>
        <fieldset>
          <legend className="text-sm font-medium">Dollars per million tokens</legend>
          <div className="mt-1 grid gap-3 sm:grid-cols-3">
            {asked.map(({ bucket, label }) => (
              <TextField
                key={bucket}
                label={label}
                value={rates[bucket] ?? ''}
                placeholder="0.15"
                onChange={(rate) => setRates({ ...rates, [bucket]: rate })}
              />
            ))}
          </div>
        </fieldset>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Valid from" hint="Left out: from now on.">
            {(id) => (
              <input
                id={id}
                type="date"
                className="field"
                value={from}
                onChange={(event) => setFrom(event.target.value)}
              />
            )}
          </Field>
          <TextField label="From where" value={source} placeholder="Contract of November" onChange={setSource} />
        </div>
        {add.error && <ErrorText error={add.error} />}
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary" disabled={add.isPending || Object.keys(given).length === 0}>
            {add.isPending ? 'Saving …' : 'Set the price'}
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Ends an own price; what it priced keeps its cost. */
export function EndPrice({ price, onClose }: { price: PriceBody; onClose: () => void }) {
  const { client } = useData();
  const queryClient = useQueryClient();
  const end = useMutation({
    mutationFn: () => client.call('endPrice', { params: { priceId: price.id }, body: {} }),
    onSuccess: async () => {
      onClose();
      await queryClient.invalidateQueries({ queryKey: ['prices'] });
    },
  });
  return (
    <Dialog title="End this price?" onClose={onClose}>
      <p>
        From now on calls of{' '}
        <span className="mono">
          {price.provider}/{price.model}
        </span>{' '}
        have the price of the catalogue again, if there is one. Calls that it priced keep their cost.
      </p>
      {end.error && (
        <div className="mt-3">
          <ErrorText error={end.error} />
        </div>
      )}
      <DialogActions>
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <button type="button" className="btn btn-primary" disabled={end.isPending} onClick={() => end.mutate()}>
          End it now
        </button>
      </DialogActions>
    </Dialog>
  );
}
