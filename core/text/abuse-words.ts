/** Words of one kind in one language; `*` stands for the end of a word. */
type Words = string;

/** A demand is a verb and, in the same sentence, what it is about. */
export type Demand = { verbs: Words; objects: Words; verbLast?: true };

/** To drop what the model was told. */
export const dropInstructions: readonly Demand[] = [
  {
    verbs:
      "ignore|disregard|forget|override|bypass|discard|do not follow|don't follow|stop following|pay no attention to|drop",
    objects:
      'previous instruction*|prior instruction*|above instruction*|earlier instruction*|all instruction*|your instruction*|the instruction*|any instruction*|previous prompt*|system prompt|system message|your rules|the rules|all rules|previous rules|your guidelines|all guidelines|previous guidelines|your restrictions|all restrictions|safety guidelines|safety rules|content polic*|your training|your programming|previous directions|all previous|everything above|all of the above|your safety|your filters',
  },
  {
    verbs: 'ignorier*|vergiss|vergesse*|missachte*|uberschreib*|umgeh*|befolge nicht',
    objects:
      'anweisung*|instruktion*|vorgabe*|regeln|richtlinien|systemprompt|system-prompt|systemnachricht|einschrankung*|beschrankung*|alles zuvor|alles bisherige',
  },
  {
    verbs: 'ignore|ignorez|oublie|oubliez|contourne*|desobei*|ne tiens pas compte|ne tenez pas compte|fais abstraction',
    objects: 'instructions|consignes|directives|regles|prompt systeme|message systeme|restrictions|limitations',
  },
  {
    verbs: 'ignora|ignore|ignorad|olvida|olvide|olvidate|omite|desobedece|salta*|pasa por alto',
    objects:
      'instrucciones|indicaciones|ordenes|reglas|directrices|prompt del sistema|mensaje del sistema|restricciones|limitaciones',
  },
  {
    verbs: 'ignora|ignorare|dimentica|dimenticare|trascura|aggira|scavalca',
    objects: 'istruzioni|indicazioni|regole|direttive|prompt di sistema|messaggio di sistema|restrizioni|limitazioni',
  },
  {
    verbs: 'ignore|esqueca|esquece|desconsidere|desconsidera|contorne|burle',
    objects: 'instrucoes|orientacoes|regras|diretrizes|prompt do sistema|mensagem do sistema|restricoes|limitacoes',
  },
  {
    verbs: 'negeer|vergeet|omzeil|sla over',
    objects: 'instructies|aanwijzingen|regels|richtlijnen|systeemprompt|systeembericht|beperkingen',
  },
  {
    verbs: 'zignoruj|ignoruj|zapomnij|pomin',
    objects: 'instrukcje|polecenia|zasady|reguly|wytyczne|ograniczenia|prompt systemowy',
  },
  {
    verbs: 'игнорируй*|проигнорируй*|забудь*|не следуй*|обойди*|отбрось*',
    objects: 'инструкци*|указани*|правил*|ограничени*|системн*|запрет*',
  },
  { verbs: '忽略|无视|忘记|忘掉|不要遵守|绕过', objects: '指令|指示|提示词|系统提示|规则|限制|之前的内容' },
  { verbs: '無視|忘れて|従わない', objects: '指示|命令|プロンプト|ルール|規則|制限', verbLast: true },
  { verbs: '무시|잊어|따르지', objects: '지시|명령|프롬프트|규칙|제한', verbLast: true },
];

/** To become somebody without rules; each is enough by itself. */
export const otherPersonas: readonly string[] = [
  'do anything now',
  'you are (?:now |going to be )?(?:dan|stan|dude|aim|evilbot)(?![a-z])',
  '(?:developer|debug|god|admin|sudo|jailbreak|unrestricted|dan) mode (?:is )?(?:on|enabled|activated|unlocked|now)',
  '(?:enable|activate|enter|switch to|unlock) (?:the )?(?:developer|debug|god|admin|sudo|jailbreak|unrestricted|dan) mode',
  '(?:you are|act as|pretend|behave as|become|roleplay as|simulate)[^.!?]{0,60}(?:no|without|free of|not bound by|any lack of)[^.!?]{0,20}(?:restriction|rule|filter|limit|guideline|censorship|ethic|moral|safety)',
  '(?:unrestricted|unfiltered|uncensored|amoral|jailbroken)[^.!?]{0,20}(?:ai|assistant|model|chatbot|version|language model)',
  '(?:respond|answer|reply|comply)[^.!?]{0,40}without (?:any )?(?:restriction|filter|censor|safety|ethic|refus|warning|disclaimer)',
  'from now on[^.!?]{0,40}(?:never refuse|cannot refuse|must (?:always )?comply|no longer bound|obey (?:only )?me)',
  '(?:du bist|verhalte dich|tu so|spiele)[^.!?]{0,60}(?:ohne|keine|frei von)[^.!?]{0,20}(?:regeln|filter|einschrankung|beschrankung|zensur|moral)',
  '(?:tu es|vous etes|agis|fais comme|comporte-toi)[^.!?]{0,60}(?:sans|aucune)[^.!?]{0,20}(?:regle|filtre|restriction|limite|censure|morale)',
  '(?:eres|actua|finge|comportate)[^.!?]{0,60}(?:sin|ninguna)[^.!?]{0,20}(?:regla|filtro|restriccion|limite|censura|etica)',
  '(?:sei|agisci|fingi|comportati)[^.!?]{0,60}(?:senza|nessuna)[^.!?]{0,20}(?:regol|filtr|restrizion|limit|censura|etica)',
  '(?:voce e|aja|finja|comporte-se)[^.!?]{0,60}(?:sem|nenhuma)[^.!?]{0,20}(?:regra|filtro|restric|limite|censura|etica)',
];

/** Marks of the forms in which models are given roles; nobody writes them by hand. */
export const falseRoles: readonly string[] = [
  '<\\|?(?:im_start|im_end|system|start_header_id|endoftext)\\|?>',
  '\\[/?inst\\]',
  '<</?sys>>',
  '</?system(?:_prompt|_message)?>',
  '(?:^|\\s)###? ?(?:new )?(?:system|instructions?)(?: prompt| message)? ?:',
  '(?:begin|end|start of|new) system (?:prompt|message|instructions)',
];

/** To say what the model was told. */
export const sayInstructions: readonly Demand[] = [
  {
    verbs:
      'repeat|print|show|reveal|output|display|give me|tell me|write out|write down|recite|leak|dump|translate|summari*|what is|what are|what were|what was|list|share|disclose|paste|encode',
    objects:
      'system prompt|system message|system instructions|initial prompt|initial instructions|original instructions|original prompt|hidden prompt|hidden instructions|your instructions|your prompt|your system|your rules|your guidelines|your configuration|your directives|instructions above|prompt above|text above|words above|everything above|messages above|instructions you were given|instructions you received|developer message|secret instructions|pre-prompt',
  },
  {
    verbs: 'wiederhol*|zeig*|gib|nenne|verrat*|druck*|schreib*|was ist|was sind|wie laut*|ubersetz*',
    objects:
      'systemprompt|system-prompt|systemnachricht|systemanweisung*|deine anweisung*|deine instruktion*|deine regeln|deinen prompt|anweisungen oben|text oben|alles oben|alles uber diese*|ursprunglich* anweisung*',
  },
  {
    verbs: 'repete*|affiche*|montre*|revele*|donne*|ecris|quelles sont|quel est|traduis',
    objects:
      'prompt systeme|message systeme|tes instructions|vos instructions|instructions initiales|instructions ci-dessus|texte ci-dessus|tes consignes|ton prompt',
  },
  {
    verbs: 'repite|muestra*|revela*|dime|imprime|escribe|cuales son|cual es|traduce',
    objects:
      'prompt del sistema|mensaje del sistema|tus instrucciones|instrucciones iniciales|instrucciones anteriores|texto anterior|texto de arriba|tu prompt',
  },
  {
    verbs: 'ripeti|mostra*|rivela*|dimmi|stampa|scrivi|quali sono|qual e|traduci',
    objects:
      'prompt di sistema|messaggio di sistema|tue istruzioni|istruzioni iniziali|istruzioni precedenti|testo precedente|testo sopra|tuo prompt',
  },
  {
    verbs: 'repita|repete|mostre|mostra|revele|diga|imprima|escreva|quais sao|qual e|traduza',
    objects:
      'prompt do sistema|mensagem do sistema|suas instrucoes|tuas instrucoes|instrucoes iniciais|instrucoes anteriores|texto acima|seu prompt',
  },
  {
    verbs: 'herhaal|toon|laat zien|onthul|geef|schrijf|wat is|wat zijn',
    objects: 'systeemprompt|systeembericht|je instructies|jouw instructies|oorspronkelijke instructies|tekst hierboven',
  },
  {
    verbs: 'повтори*|покажи*|выведи*|раскрой*|напиши*|какие|какой|каковы',
    objects:
      'системн* промпт*|системн* сообщени*|тво* инструкци*|ваш* инструкци*|начальн* инструкци*|текст выше|свои инструкци*',
  },
  {
    verbs: '重复|显示|输出|告诉我|打印|泄露|什么',
    objects: '系统提示|系统指令|你的指令|你的提示词|初始指令|上面的内容|以上内容',
  },
  {
    verbs: '表示|教えて|出力|繰り返|見せて',
    objects: 'システムプロンプト|システムメッセージ|あなたの指示|上記の指示|初期指示',
    verbLast: true,
  },
  {
    verbs: '보여|알려|출력|반복',
    objects: '시스템 프롬프트|시스템 메시지|너의 지시|위의 내용|초기 지시',
    verbLast: true,
  },
];

const personalEnglish =
  '(?:(?:e-?mail|home|postal|street|private|ip) address(?:es)?|e-?mails?|addresses|phone(?: numbers?)?|mobile numbers?|social security numbers?|ssns?|(?:credit |debit )?card (?:numbers?|details)|bank (?:accounts?|details)|passwords?|passport numbers?|dates? of birth|birth ?days|medical (?:records?|history)|diagnos[ei]s|salar(?:y|ies)|order history|personal (?:data|details|information)|contact (?:data|details|information)|account details|private (?:data|messages))';
const othersEnglish =
  '(?:all|any|every|each|other|another|different|the (?:last|next|previous|first)|random|some)(?: of)?(?: the| your)?(?: other| \\d+)? ?(?:customers?|users?|clients?|patients?|employees?|accounts?|people|persons?|members?|subscribers?|guests?|tenants?|students?|records)';

/** Personal data of somebody else, or of many. */
export const dataOfOthers: readonly string[] = [
  `${personalEnglish}[^.!?]{0,40}(?:of|for|from|belonging to) ${othersEnglish}`,
  `${othersEnglish}(?:'s?|s')? ${personalEnglish}`,
  `(?:list|show|give|tell|dump|export|find|fetch)[^.!?]{0,20}${othersEnglish}[^.!?]{0,40}(?:with|and|including|along with)[^.!?]{0,20}${personalEnglish}`,
  `(?:which|what)[^.!?]{0,12}${personalEnglish}[^.!?]{0,30}(?:do you have|are stored|in (?:your|the) (?:database|system|records))`,
  `(?:my|the) (?:neighbou?r|ex|boss|coworker|colleague|ex-?(?:wife|husband|girlfriend|boyfriend)|landlord)(?:'s)? (?:current |private |new )?${personalEnglish}`,
  '(?:e-?mail-?adressen?|adressen?|telefonnummern?|handynummern?|kontonummern?|geburtsdat(?:um|en)|passworter|kundendaten|patientendaten|personliche[nr]? daten)[^.!?]{0,40}(?:von|aller|anderer?|der)[^.!?]{0,20}(?:kunden|nutzer|benutzer|patienten|mitarbeiter|personen|leute)',
  '(?:adresses?|e-?mails?|numeros? de telephone|mots de passe|dates? de naissance|donnees personnelles|coordonnees)[^.!?]{0,40}(?:de|des) (?:tous les |autres |toutes les )?(?:clients?|utilisateurs?|patients?|employes?)',
  '(?:direcciones|correos?|telefonos?|numeros? de telefono|contrasenas?|fechas? de nacimiento|datos personales)[^.!?]{0,40}(?:de|del) (?:todos los |otros |otro |las )?(?:clientes?|usuarios?|pacientes?|empleados?)',
  '(?:indirizz[oi]|e-?mail|numer[oi] di telefono|password|dat[ae] di nascita|dati personali)[^.!?]{0,40}(?:di|dei|degli) (?:tutti i |altri )?(?:clienti|utenti|pazienti|dipendenti)',
  '(?:enderecos?|e-?mails?|telefones?|senhas?|datas? de nascimento|dados pessoais)[^.!?]{0,40}(?:de|dos) (?:todos os |outros )?(?:clientes?|usuarios?|pacientes?|funcionarios?)',
  '(?:адрес|телефон|парол|почт|персональн)[^.!?]{0,40}(?:других|всех|другого)[^.!?]{0,10}(?:клиент|пользовател|пациент|сотрудник)',
  '(?:其他|所有|别的)(?:客户|用户|病人|员工)[^。！？]{0,20}(?:地址|电话|邮箱|密码|身份证|个人信息)',
];

/** Whose data is asked for is said by an address or a number in the text. */
export const asksForData = `(?:what|which|give|show|tell|find|look ?up|fetch|list|who|where|need|get)[^.!?]{0,50}(?:${personalEnglish}|orders?|live|lives|account|owner|registered|belongs)`;
/** It is the user's own. */
export const isOwn = "(?:^|[^a-z])(?:my|i'm|i am|our|me at|mine|meine?|mi|mon|ma|mio|meu|mijn)(?:$|[^a-z])";
