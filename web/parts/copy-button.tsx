import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

type CopyButtonProps = {
  /** As a function where it takes work to make. */
  text: string | (() => string);
  label: string;
};

/** Copies the text and says so for a moment. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(typeof text === 'string' ? text : text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  const Icon = copied ? Check : Copy;
  return (
    <button
      type="button"
      className="btn btn-quiet btn-icon"
      aria-label={copied ? 'Copied' : label}
      title={label}
      onClick={copy}
    >
      <Icon size={14} strokeWidth={1.75} />
    </button>
  );
}

/** Code to take away. */
export function Snippet({ code, label }: { code: string; label: string }) {
  return (
    <div className="relative rounded-2 bg-sunken">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label={label}
        className="overflow-x-auto"
      >
        <pre className="mono py-2 pr-10 pl-3 leading-5">{code}</pre>
      </section>
      <div className="absolute inset-y-0 right-0 rounded-2 bg-sunken p-1">
        <CopyButton text={code} label={`Copy: ${label}`} />
      </div>
    </div>
  );
}
