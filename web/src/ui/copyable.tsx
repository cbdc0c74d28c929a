// A command to be typed elsewhere, with a button that copies it.
import { useEffect, useState } from "react";

import { useI18n } from "../i18n/i18n";
import { IconButton } from "./button";

export function Copyable({ text }: { text: string }) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <div className="flex items-center gap-2 rounded-2xl bg-sunken py-1 pr-1 pl-4 text-left">
      <code className="grow py-2 font-mono text-sm [overflow-wrap:anywhere]">{text}</code>
      <IconButton
        icon={copied ? "check" : "copy"}
        label={copied ? t.common.copied : t.common.copy}
        onClick={() => void navigator.clipboard?.writeText(text).then(() => setCopied(true))}
        className="hover:bg-surface"
      />
      <span className="sr-only" role="status">
        {copied ? t.common.copied : ""}
      </span>
    </div>
  );
}
