import { defineMessages } from '@/lib/i18n';

/** What each tool does, for people; the tool's own description is written for models. */
export const messages = defineMessages({
  en: {
    execute_sql_query: 'Runs one read-only SQL statement and keeps its rows as a numbered result.',
    read_source_data: 'Reads rows of a table.',
    sample_source_data: 'Reads a few random rows of a table.',
    count_rows: 'Counts the rows of a table, or those that meet a condition.',
    filter_data: 'Reads the rows of a table that meet a condition.',
    aggregate_data: 'Groups a table and computes a count, sum or average per group.',
    find_definitions: 'Looks up the metrics and terms of this organization.',
    describe_source: 'Lists the tables and columns of a source.',
    search_tables: 'Finds tables by names, comments or values where there are many.',
    remember: 'Keeps a short note for later chats with the same person, while its memory is on.',
    forget: 'Drops a note that it kept.',
    create_chart: 'Draws a chart from a stored result.',
    create_document: 'Writes a text, code or a sheet when somebody asks for one.',
    update_document: 'Writes the next version of a document of the chat.',
    read_document: 'Reads a document of the chat as it is now.',
    write_sql: 'Proposes one INSERT, UPDATE or DELETE. A person sees the rows and decides.',
    http_request: 'Sends one request to a public address and reads the answer.',
    request_human: 'In the background: asks in the inbox and waits for the answer.',
    start_background_run: 'In a chat: proposes work that goes on without the chat.',
    cannot_answer: 'Says that the data cannot answer, why, and which question it could.',
  },
  fr: {
    execute_sql_query: 'Exécute une requête SQL en lecture seule et garde ses lignes, numérotées.',
    read_source_data: 'Lit des lignes d’une table.',
    sample_source_data: 'Lit quelques lignes d’une table, au hasard.',
    count_rows: 'Compte les lignes d’une table, ou celles qui remplissent une condition.',
    filter_data: 'Lit les lignes d’une table qui remplissent une condition.',
    aggregate_data: 'Regroupe une table et calcule un nombre, une somme ou une moyenne par groupe.',
    find_definitions: 'Cherche les indicateurs et termes de l’organisation.',
    describe_source: 'Énumère les tables et colonnes d’une source.',
    search_tables: 'Trouve des tables par noms, commentaires ou valeurs là où il y en a beaucoup.',
    remember:
      'Garde une note courte pour les prochaines discussions avec la même personne, si sa mémoire est active.',
    forget: 'Oublie une note qu’il avait gardée.',
    create_chart: 'Dessine un graphique à partir d’un résultat enregistré.',
    create_document: 'Écrit un texte, du code ou une feuille quand on le lui demande.',
    update_document: 'Écrit la version suivante d’un document de la discussion.',
    read_document: 'Lit un document de la discussion tel qu’il est.',
    write_sql: 'Propose un INSERT, UPDATE ou DELETE. Une personne voit les lignes et décide.',
    http_request: 'Envoie une requête à une adresse publique et lit la réponse.',
    request_human: 'En arrière-plan : demande dans la boîte de réception et attend la réponse.',
    start_background_run: 'Dans une discussion : propose un travail qui continue sans elle.',
    cannot_answer:
      'Dit que les données ne peuvent pas répondre, pourquoi, et à quoi elles peuvent.',
  },
});

/** Tools that are known here; of others their own description has to do. */
export const isKnown = (name: string): name is keyof (typeof messages)['en'] => name in messages.en;
