// Somebody stands at the door: said first, wherever the person looks.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { pairingQuery } from "../../api/queries";
import { useI18n } from "../../i18n/i18n";
import { buttonClass } from "../../ui/button";
import { Icon } from "../../ui/icons";

export function WaitingCard() {
  const { t } = useI18n();
  const { data } = useQuery(pairingQuery);
  const names = data ? [...data.knocking, ...data.waiting_for_pin].map(({ name }) => name) : [];
  if (!names.length) return null;
  return (
    <div className="arrive mb-6 flex flex-wrap items-center gap-4 rounded-card bg-accent-soft px-6 py-4 text-accent-ink">
      <Icon name="pairing" className="size-6" />
      <p className="min-w-0 grow">
        <strong className="font-semibold">{t.shell.waiting(names.length)}</strong>
        <br />
        <span className="[overflow-wrap:anywhere]">{names.join(", ")}</span>
      </p>
      <Link to="/pairing" className={buttonClass("primary")}>
        {t.pages.pairing}
      </Link>
    </div>
  );
}
