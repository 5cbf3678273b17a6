"""The words of a statement in six languages: data for `receivables.interop.html_statement`.

A language that is not here falls back to English, and what is rendered says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "nl", "it")
"""The languages of the columns of `TEXTS`."""

TEXTS: Final[Mapping[str, tuple[str, str, str, str, str, str]]] = MappingProxyType(
    {
        # Headings
        "open_item": ("Open item statement", "Offene-Posten-Aufstellung", "Relevé des factures en attente", "Relación de partidas abiertas", "Openstaande-postenoverzicht", "Estratto partite aperte"),
        "balance_forward": ("Statement of account", "Kontoauszug", "Relevé de compte", "Estado de cuenta", "Rekeningoverzicht", "Estratto conto"),
        "activity": ("Statement of account", "Kontoauszug", "Relevé de compte", "Estado de cuenta", "Rekeningoverzicht", "Estratto conto"),
        "account": ("Account", "Konto", "Compte", "Cuenta", "Rekening", "Conto"),
        "period": ("Period", "Zeitraum", "Période", "Período", "Periode", "Periodo"),
        "movements": ("Movements", "Bewegungen", "Mouvements", "Movimientos", "Mutaties", "Movimenti"),
        "items": ("Open items", "Offene Posten", "Factures en attente", "Partidas abiertas", "Openstaande posten", "Partite aperte"),
        "aging": ("Age of open items", "Alter der offenen Posten", "Ancienneté des factures", "Antigüedad de las partidas", "Ouderdom van de posten", "Anzianità delle partite"),
        "check": ("Check value", "Prüfwert", "Valeur de contrôle", "Valor de control", "Controlewaarde", "Valore di controllo"),
        "nothing": ("Nothing was owed in this period.", "In diesem Zeitraum bestand keine Forderung.", "Rien n’était dû sur cette période.", "No había nada pendiente en este período.", "In deze periode was niets verschuldigd.", "Nessun importo dovuto in questo periodo."),
        "merged_into": ("This account is now part of", "Dieses Konto gehört jetzt zu", "Ce compte fait désormais partie de", "Esta cuenta forma parte ahora de", "Deze rekening hoort nu bij", "Questo conto fa ora parte di"),
        # Columns
        "date": ("Date", "Datum", "Date", "Fecha", "Datum", "Data"),
        "text": ("Description", "Text", "Libellé", "Concepto", "Omschrijving", "Descrizione"),
        "amount": ("Amount", "Betrag", "Montant", "Importe", "Bedrag", "Importo"),
        "balance": ("Balance", "Saldo", "Solde", "Saldo", "Saldo", "Saldo"),
        "document": ("Document", "Beleg", "Pièce", "Documento", "Document", "Documento"),
        "due": ("Due", "Fällig", "Échéance", "Vencimiento", "Vervaldatum", "Scadenza"),
        "days_overdue": ("Days overdue", "Tage überfällig", "Jours de retard", "Días de retraso", "Dagen te laat", "Giorni di ritardo"),
        "original": ("Original", "Ursprünglich", "Montant initial", "Importe original", "Oorspronkelijk", "Importo originario"),
        "open": ("Open", "Offen", "Restant dû", "Pendiente", "Openstaand", "Da pagare"),
        "reference": ("Payment reference", "Zahlungsreferenz", "Référence de paiement", "Referencia de pago", "Betalingskenmerk", "Riferimento di pagamento"),
        # Figures
        "closing_balance": ("Balance due", "Saldo zu unseren Gunsten", "Solde dû", "Saldo pendiente", "Verschuldigd saldo", "Saldo dovuto"),
        "credit_balance": ("Balance in your favor", "Saldo zu Ihren Gunsten", "Solde en votre faveur", "Saldo a su favor", "Saldo in uw voordeel", "Saldo a Vostro favore"),
        "charged": ("Charges", "Belastungen", "Débits", "Cargos", "Bijgekomen", "Addebiti"),
        "credited": ("Payments and credits", "Zahlungen und Gutschriften", "Paiements et avoirs", "Pagos y abonos", "Betalingen en creditnota’s", "Pagamenti e accrediti"),
        "overdue": ("Overdue", "Überfällig", "En retard", "Vencido", "Te laat", "Scaduto"),
        "disputed": ("Disputed", "Strittig", "Contesté", "En disputa", "Betwist", "Contestato"),
        "promised": ("Promised", "Zugesagt", "Promis", "Prometido", "Toegezegd", "Promesso"),
        "planned": ("In a payment plan", "In Ratenzahlung", "Selon échéancier", "En plan de pago", "In betalingsregeling", "In piano di rientro"),
        "coming": ("On its way", "Unterwegs", "En cours de paiement", "En camino", "Onderweg", "In arrivo"),
        "until": ("until", "bis", "jusqu’au", "hasta", "tot", "entro il"),
        "on_account": ("On account", "Guthaben", "Acompte", "A cuenta", "Vooruitbetaald", "In acconto"),
        "current": ("Not due", "Nicht fällig", "Non échu", "No vencido", "Niet vervallen", "Non scaduto"),
        "days": ("days", "Tage", "jours", "días", "dagen", "giorni"),
        "applied": ("for", "für", "pour", "para", "voor", "per"),
        # Lines
        "opening": ("Balance brought forward", "Saldovortrag", "Report à nouveau", "Saldo anterior", "Beginsaldo", "Saldo iniziale"),
        "closing": ("Closing balance", "Endsaldo", "Solde final", "Saldo final", "Eindsaldo", "Saldo finale"),
        "back": ("Taken back", "Zurückgenommen", "Annulé", "Anulado", "Teruggedraaid", "Stornato"),
        "earlier": ("booked after the last statement", "nach dem letzten Auszug gebucht", "saisi après le dernier relevé", "registrado tras el último estado", "geboekt na het vorige overzicht", "registrato dopo l’ultimo estratto"),
        "merged": ("Transfer between accounts", "Übertrag zwischen Konten", "Virement entre comptes", "Traspaso entre cuentas", "Overboeking tussen rekeningen", "Trasferimento tra conti"),
        "taken_over": ("Item taken over", "Übernommener Posten", "Poste repris", "Partida traspasada", "Overgenomen post", "Partita ripresa"),
        "invoice": ("Invoice", "Rechnung", "Facture", "Factura", "Factuur", "Fattura"),
        "fee": ("Fee", "Gebühr", "Frais", "Gastos", "Kosten", "Spese"),
        "interest": ("Interest", "Zinsen", "Intérêts", "Intereses", "Rente", "Interessi"),
        "payment": ("Payment", "Zahlung", "Paiement", "Pago", "Betaling", "Pagamento"),
        "payment_returned": ("Payment returned", "Rückzahlung", "Paiement rejeté", "Pago devuelto", "Betaling teruggekomen", "Pagamento insoluto"),
        "credit_note": ("Credit note", "Gutschrift", "Avoir", "Nota de abono", "Creditnota", "Nota di credito"),
        "credit": ("Credit", "Guthaben", "Crédit", "Abono", "Tegoed", "Credito"),
        "discount": ("Cash discount", "Skonto", "Escompte", "Descuento por pronto pago", "Betalingskorting", "Sconto di cassa"),
        "difference": ("Difference settled", "Differenz ausgeglichen", "Écart soldé", "Diferencia saldada", "Verschil vereffend", "Differenza saldata"),
        "charge_correction": ("Correction of charges", "Berichtigung von Gebühren", "Correction de frais", "Corrección de gastos", "Correctie van kosten", "Rettifica di spese"),
        "written_off": ("Written off", "Ausgebucht", "Passé en perte", "Dado de baja", "Afgeboekt", "Stralciato"),
        "recovered": ("Recovered after write-off", "Eingang auf Ausgebuchtes", "Recouvré après perte", "Recuperado tras la baja", "Ontvangen na afboeking", "Recuperato dopo lo stralcio"),
        "refund": ("Refund", "Erstattung", "Remboursement", "Reembolso", "Terugbetaling", "Rimborso"),
        "transfer": ("Transfer of a credit", "Übertrag eines Guthabens", "Transfert d’un crédit", "Traspaso de un abono", "Overboeking van een tegoed", "Trasferimento di un credito"),
        "conversion": ("Conversion of a credit", "Umrechnung eines Guthabens", "Conversion d’un crédit", "Conversión de un abono", "Omrekening van een tegoed", "Conversione di un credito"),
        "kept": ("Surplus kept", "Einbehaltener Mehrbetrag", "Excédent conservé", "Excedente retenido", "Ingehouden overschot", "Eccedenza trattenuta"),
        "other": ("Other", "Sonstiges", "Autre", "Otros", "Overig", "Altro"),
        "of_page": ("of", "von", "sur", "de", "van", "di"),
        "page": ("Page", "Seite", "Page", "Página", "Pagina", "Pagina"),
    }
)  # fmt: skip
"""Key -> the text in each of the `LANGUAGES`."""


def words(language: str) -> Mapping[str, str]:
    """The texts of a language by key; English for a language that is not here.

    >>> words("de")["invoice"], words("xx")["invoice"]
    ('Rechnung', 'Invoice')
    """
    at = LANGUAGES.index(language) if language in LANGUAGES else 0
    return {key: texts[at] for key, texts in TEXTS.items()}
