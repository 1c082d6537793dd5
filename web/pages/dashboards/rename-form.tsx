import { useState } from 'react';
import { Dialog, DialogActions } from '../../parts/dialog.tsx';
import { Field } from '../../parts/field.tsx';

type RenameFormProps = { title: string; onSave: (title: string) => void; onClose: () => void };

/** Another title; its address stays. */
export function RenameForm({ title, onSave, onClose }: RenameFormProps) {
  const [next, setNext] = useState(title);
  return (
    <Dialog title={`Rename ${title}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (next.trim() !== title) onSave(next.trim());
          onClose();
        }}
      >
        <Field label="Title" hint="Its address stays.">
          {(id) => (
            <input
              {...{ id, className: 'field', required: true, maxLength: 200, pattern: '.*\\S.*', value: next }}
              onChange={(event) => setNext(event.target.value)}
            />
          )}
        </Field>
        <DialogActions>
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn btn-primary">
            Rename
          </button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
