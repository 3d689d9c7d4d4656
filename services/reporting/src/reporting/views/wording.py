"""The sentences, by type: Italian and English, in which fields of the payload are named. Data, no code."""
from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    # chassis
    "*.TaskRaised.v1": (
        "Attività da svolgere: {kind}, entro il {due:d} ({role})", "Task for a person: {kind}, due {due:d} ({role})"),
    "*.LogReadmitted.v1": ("Registro riammesso", "Log readmitted"),
    "*.TrailSealed.v1": ("Sigillo della traccia", "Trail sealed"),
    "*.SealTimestamped.v1": ("Marca temporale sul sigillo", "Seal timestamped"),
    # intake
    "intake.ReferralReceived.v1": (
        "Segnalazione ricevuta: {source_kind}, il {received_on:d}", "Referral received: {source_kind}, on {received_on:d}"),
    "intake.ReferralAccepted.v1": ("Segnalazione accolta: il {accepted_on:d}", "Referral accepted: on {accepted_on:d}"),
    "intake.ReferralRefused.v1": ("Segnalazione respinta: {reason_code}", "Referral refused: {reason_code}"),
    "intake.ParticipantRegistered.v1": ("Partecipante registrato", "Participant registered"),
    "intake.ParticipantDetailsCorrected.v1": (
        "Dati del partecipante rettificati: {fields}", "Participant's details corrected: {fields}"),
    "intake.LegalHoldPlaced.v1": ("Blocco della cancellazione: dal {placed_on:d}", "Legal hold placed: from {placed_on:d}"),
    "intake.LegalHoldReleased.v1": ("Blocco revocato: il {released_on:d}", "Legal hold released: on {released_on:d}"),
    "intake.SubjectErased.v1": (
        "Dati personali cancellati: {legal_ground}, il {erased_on:d}", "Personal data erased: {legal_ground}, on {erased_on:d}"),
    "intake.PrivacyNoticeDelivered.v1": (
        "Informativa consegnata: {delivered_on:d}, versione {notice_version}",
        "Privacy notice delivered: {delivered_on:d}, version {notice_version}"),
    "intake.CaseOpened.v1": ("Fascicolo aperto: {territorial_unit}", "Case opened: {territorial_unit}"),
    "intake.CaseManagerAssigned.v1": ("Responsabile del caso assegnato: dal {since:d}", "Case manager assigned: from {since:d}"),
    "intake.CaseHandedOver.v1": ("Passaggio di consegne: dal {since:d}, {reason}", "Case handed over: from {since:d}, {reason}"),
    "intake.TargetCategoryAttested.v1": (
        "Categoria attestata: {category}, dal {valid_from:d}", "Target category attested: {category}, from {valid_from:d}"),
    "intake.EligibilityConfirmed.v1": (
        "Ammissione confermata: {gates:n} requisiti, regole {rule_version}",
        "Eligibility confirmed: {gates:n} requirements, rules {rule_version}"),
    "intake.EligibilityDenied.v1": ("Non ammesso: {reasons}", "Eligibility denied: {reasons}"),
    "intake.CaseClosed.v1": ("Fascicolo chiuso: {reason}, il {closed_on:d}", "Case closed: {reason}, on {closed_on:d}"),
    # assessment
    "assessment.InstrumentVersionPublished.v1": (
        "Strumento pubblicato: {instrument_code}, versione {version}",
        "Instrument published: {instrument_code}, version {version}"),
    "assessment.TeamConvened.v1": (
        "Équipe convocata: {phase}, {members:n} componenti", "Team convened: {phase}, {members:n} members"),
    "assessment.ProfileCompleted.v1": (
        "Profilazione completata: {instrument_code} versione {version}",
        "Profile completed: {instrument_code} version {version}"),
    "assessment.MultidimensionalEvaluationCompleted.v1": (
        "Valutazione multidimensionale firmata: {signed_by}", "Multidimensional evaluation signed: {signed_by}"),
    "assessment.PlanDrafted.v1": (
        "Bozza del progetto personalizzato: versione {version}, {goal_ids:n} obiettivi",
        "Plan drafted: version {version}, {goal_ids:n} goals"),
    "assessment.PlanAgreed.v1": (
        "Progetto sottoscritto: versione {version}, {signatures:n} firme, valido fino al {valid_to:d}",
        "Plan agreed: version {version}, {signatures:n} signatures, valid to {valid_to:d}"),
    "assessment.PlanRevised.v1": (
        "Progetto in revisione: dalla versione {from_version} alla {to_version}, {reason}",
        "Plan revised: from version {from_version} to {to_version}, {reason}"),
    "assessment.ActionPlanOffered.v1": ("Piano d'azione proposto: il {offered_on:d}", "Action plan offered: on {offered_on:d}"),
    "assessment.ActionPlanDeclined.v1": ("Piano d'azione non accettato", "Action plan declined"),
    "assessment.ActionPlanAgreed.v1": ("Piano d'azione condiviso: {steps:n} passi", "Action plan agreed: {steps:n} steps"),
    "assessment.ActionPlanClosed.v1": ("Piano d'azione concluso: {outcome}", "Action plan closed: {outcome}"),
    # placement
    "placement.HostRegistered.v1": ("Soggetto ospitante registrato: ATECO {ateco}", "Host registered: ATECO {ateco}"),
    "placement.HostRequirementsDeclared.v1": (
        "Requisiti dell'ospitante dichiarati: validi fino al {valid_to:d}", "Host requirements declared: valid to {valid_to:d}"),
    "placement.OpportunityPublished.v1": (
        "Opportunità pubblicata: {places} posti, {weekly_hours:h} ore settimanali",
        "Opportunity published: {places} places, {weekly_hours:h} hours a week"),
    "placement.AgreementSigned.v1": (
        "Convenzione firmata: {kind}, valida fino al {valid_to:d}", "Agreement signed: {kind}, valid to {valid_to:d}"),
    "placement.MatchProposed.v1": ("Abbinamento proposto: {criteria:n} criteri", "Match proposed: {criteria:n} criteria"),
    "placement.MatchAccepted.v1": ("Abbinamento accettato: {accepted_by}", "Match accepted: by {accepted_by}"),
    "placement.MatchRejected.v1": (
        "Abbinamento rifiutato: {rejected_by}, {reason_code}", "Match rejected: {rejected_by}, {reason_code}"),
    "placement.TrainingEnrolled.v1": (
        "Iscrizione alla formazione: {module_code}, {hours:h} ore", "Enrolled in training: {module_code}, {hours:h} hours"),
    "placement.TrainingCompleted.v1": (
        "Formazione conclusa: {module_code}, {hours_attended:h} ore, {outcome}",
        "Training completed: {module_code}, {hours_attended:h} hours, {outcome}"),
    "placement.ExternalRegistrationConfirmed.v1": (
        "Registrazione esterna confermata: {system}", "External registration confirmed: {system}"),
    "placement.HireRecorded.v1": ("Assunzione: {contract}, dal {starts:d}", "Hire recorded: {contract}, from {starts:d}"),
    "placement.InternshipPlanned.v1": (
        "Tirocinio progettato: dal {start:d} al {planned_end:d}, {weekly_hours:h} ore settimanali",
        "Internship planned: {start:d} to {planned_end:d}, {weekly_hours:h} hours a week"),
    "placement.InsuranceRegistered.v1": (
        "Assicurazione registrata: dal {valid_from:d} al {valid_to:d}", "Insurance registered: {valid_from:d} to {valid_to:d}"),
    "placement.MandatoryCommunicationSent.v1": (
        "Comunicazione obbligatoria inviata: {kind}, effetto dal {effective_on:d}",
        "Mandatory communication sent: {kind}, effective on {effective_on:d}"),
    "placement.InternshipStarted.v1": ("Tirocinio avviato: il {started_on:d}", "Internship started: on {started_on:d}"),
    "placement.AttendanceRecorded.v1": (
        "Presenza registrata: {day:d}, {hours:h} ore, {kind}", "Attendance recorded: {day:d}, {hours:h} hours, {kind}"),
    "placement.AttendanceCorrected.v1": (
        "Presenza rettificata: {day:d}, da {old_hours:h} a {new_hours:h} ore",
        "Attendance corrected: {day:d}, from {old_hours:h} to {new_hours:h} hours"),
    "placement.AttendancePeriodValidated.v1": (
        "Registro validato: periodo {number}, {recognised_hours:h} ore su {planned_hours:h}",
        "Register validated: period {number}, {recognised_hours:h} of {planned_hours:h} hours"),
    "placement.TutoringVisitLogged.v1": (
        "Visita di tutoraggio: con {met}, {minutes} minuti", "Tutoring visit: with {met}, {minutes} minutes"),
    "placement.CriticalIssueRaised.v1": (
        "Criticità segnalata: {category}, {severity}", "Critical issue raised: {category}, {severity}"),
    "placement.CriticalIssueResolved.v1": ("Criticità risolta", "Critical issue resolved"),
    "placement.InternshipSuspended.v1": (
        "Tirocinio sospeso: dal {suspended_from:d}, previsto fino al {expected_to:d}",
        "Internship suspended: from {suspended_from:d}, expected to {expected_to:d}"),
    "placement.InternshipResumed.v1": (
        "Tirocinio ripreso: il {resumed_on:d}, nuova fine {new_planned_end:d}",
        "Internship resumed: on {resumed_on:d}, new end {new_planned_end:d}"),
    "placement.InternshipExtended.v1": (
        "Tirocinio prorogato: dal {old_end:d} al {new_end:d}", "Internship extended: from {old_end:d} to {new_end:d}"),
    "placement.InternshipWithdrawn.v1": (
        "Recesso dal tirocinio: ultimo giorno {last_day:d}, {reason_code}",
        "Internship withdrawn: last day {last_day:d}, {reason_code}"),
    "placement.InternshipInterrupted.v1": (
        "Tirocinio interrotto: {interrupted_by}, {cause}", "Internship interrupted: {interrupted_by}, {cause}"),
    "placement.InternshipCompleted.v1": (
        "Tirocinio concluso: il {ended_on:d}, {total_recognised:h} ore su {total_planned:h}",
        "Internship completed: on {ended_on:d}, {total_recognised:h} of {total_planned:h} hours"),
    "placement.FinalAttestationIssued.v1": (
        "Attestazione finale rilasciata: {hours:h} ore su {planned_hours:h}",
        "Final attestation issued: {hours:h} of {planned_hours:h} hours"),
    # stipend
    "stipend.CommitmentRegistered.v1": (
        "Impegno di spesa: {amount_cents:eur}, atto {act_no}", "Commitment registered: {amount_cents:eur}, act {act_no}"),
    "stipend.StipendEntitlementOpened.v1": (
        "Diritto all'indennità aperto: previsti {projected_cents:eur}",
        "Stipend entitlement opened: {projected_cents:eur} projected"),
    "stipend.BankDetailsRegistered.v1": (
        "Coordinate bancarie registrate: {holder_role}", "Bank details registered: {holder_role}"),
    "stipend.BankDetailsVerified.v1": ("Coordinate bancarie verificate: {method}", "Bank details verified: {method}"),
    "stipend.TaxTreatmentDecided.v1": ("Trattamento fiscale deciso: {treatment}", "Tax treatment decided: {treatment}"),
    "stipend.StipendAccrued.v1": (
        "Indennità maturata: {amount_cents:eur} ({recognised_hours:h} ore su {planned_hours:h})",
        "Stipend accrued: {amount_cents:eur} ({recognised_hours:h} of {planned_hours:h} hours)"),
    "stipend.StipendNotDue.v1": (
        "Indennità non dovuta: periodo {period}, {reason}", "Stipend not due: period {period}, {reason}"),
    "stipend.StipendAdjusted.v1": (
        "Conguaglio dell'indennità: {delta_cents:eur}, nuovo importo {new_amount_cents:eur}",
        "Stipend adjusted: {delta_cents:eur}, new amount {new_amount_cents:eur}"),
    "stipend.StipendProjected.v1": (
        "Previsione aggiornata: quota dell'impegno {share_cents:eur}",
        "Projection updated: {share_cents:eur} of the commitment"),
    "stipend.StipendApproved.v1": (
        "Liquidazione approvata: {amount_cents:eur}, atto {act_no}", "Stipend approved: {amount_cents:eur}, act {act_no}"),
    "stipend.RecoveryRequested.v1": (
        "Recupero richiesto: {amount_cents:eur}, {cause}", "Recovery requested: {amount_cents:eur}, {cause}"),
    "stipend.StipendStopped.v1": ("Pagamento sospeso: {reason}", "Payment stopped: {reason}"),
    "stipend.StipendStopLifted.v1": ("Sospensione del pagamento revocata: {reason}", "Stop lifted: {reason}"),
    "stipend.PaymentOrderIssued.v1": (
        "Ordine di pagamento emesso: {amount_cents:eur}, {end_to_end_id}",
        "Payment order issued: {amount_cents:eur}, {end_to_end_id}"),
    "stipend.PaymentReissued.v1": (
        "Ordine di pagamento riemesso: {amount_cents:eur}, {end_to_end_id}",
        "Payment order reissued: {amount_cents:eur}, {end_to_end_id}"),
    "stipend.PaymentBatchTransmitted.v1": (
        "Distinta trasmessa: {orders:n} di {count} ordini, {control_sum_cents:eur} in tutto",
        "Payment file transmitted: {orders:n} of {count} orders, {control_sum_cents:eur} in all"),
    "stipend.PaymentAccepted.v1": ("Pagamento preso in carico dalla banca", "Payment accepted by the bank"),
    "stipend.PaymentRejected.v1": ("Pagamento scartato: {reason_code}", "Payment rejected: {reason_code}"),
    "stipend.StipendPaid.v1": (
        "Indennità pagata: {amount_cents:eur}, eseguita il {executed_on:d}",
        "Stipend paid: {amount_cents:eur}, executed on {executed_on:d}"),
    "stipend.PaymentReturned.v1": (
        "Pagamento stornato: {amount_cents:eur}, {reason_code}", "Payment returned: {amount_cents:eur}, {reason_code}"),
    "stipend.PaymentReconciled.v1": ("Pagamento riconciliato: regola {rule}", "Payment reconciled: rule {rule}"),
    "stipend.BankStatementImported.v1": (
        "Estratto della banca importato: {format}, {lines:n} righe", "Bank statement imported: {format}, {lines:n} lines"),
    # reporting
    "reporting.ProgrammeActivated.v1": (
        "Programma attivato: {title}, dal {start:d}", "Programme activated: {title}, from {start:d}"),
    "reporting.ProgrammeConfigurationVersioned.v1": (
        "Configurazione del programma: nuova versione", "Programme configuration: new version"),
    "reporting.ParticipationEntered.v1": (
        "Ingresso nel programma: il {entry_date:d}", "Participation entered: on {entry_date:d}"),
    "reporting.ParticipationExited.v1": (
        "Uscita dal programma: {exit_reason}, il {exit_date:d}", "Participation exited: {exit_reason}, on {exit_date:d}"),
    "reporting.ImmediateResultRecorded.v1": (
        "Risultato immediato: {status}, osservato il {observed_on:d}", "Immediate result: {status}, observed on {observed_on:d}"),
    "reporting.SixMonthResultRecorded.v1": (
        "Risultato a sei mesi: {status}, al {reference_date:d}", "Result at six months: {status}, on {reference_date:d}"),
    "reporting.AuditEvidenceExported.v1": (
        "Fascicolo di prova esportato: {facts} fatti, impronta {root_hash}",
        "Evidence bundle exported: {facts} facts, root hash {root_hash}"),
}
