/** Whole words, so that names of towns and animals are none. */
export const profaneWords = [
  /^(?:mother|cluster|mind)?fu+c*k(?:s|ed|er|ers|in|ing|face|head|wit|tard|up|off|boy)?$/,
  /^(?:bull|horse|dip|bat|ape|chicken)?sh+it(?:s|ty|tier|tiest|head|heads|hole|show|bag|face|ting|ter|e)?$/,
  /^bitch(?:es|y|ing|ass)?$/,
  /^(?:ass|arse)(?:hole|holes|hat|wipe|clown|face)$/,
  /^(?:dumb|jack|smart|fat|bad|hard)ass(?:es)?$/,
  /^(?:bastards?|cunts?|cunty|wank(?:er|ers|ing)?|twats?|bollocks|tossers?|douche(?:bag|bags|s)?|pricks|dick(?:head|heads|wad|face)|cock(?:sucker|suckers|head))$/,
  /^(?:sluts?|slutty|whores?|skanks?)$/,
  /^(?:stfu|gtfo|fml|wtf|kys|lmfao|fu|ffs)$/,
  /^pissed$|^piss(?:ing)?$/,
];

/** For words with letters starred out: `f**k`. */
export const starredWords = [
  'fuck',
  'fucking',
  'fucker',
  'shit',
  'bitch',
  'cunt',
  'asshole',
  'bastard',
  'whore',
  'slut',
];

export const sexualWords =
  /^(?:blowjobs?|handjobs?|cumshots?|dildos?|tits|titties|boobs|nudes|horny|milf|pussy|jerkoff|gangbang|deepthroat)$/;

/** FNV-1a of slurs against groups: kept so that nobody has to read them. */
export const slurHashes: ReadonlySet<number> = new Set([
  0x1414e96a, 0x36c9c3b0, 0x5e10c021, 0x635b1b38, 0x737d45c4, 0x7df6521e, 0x853febae, 0x883eef41, 0x948002a1,
  0x955b3ec5, 0xa4705559, 0xb1f8089d, 0xd9eb56dd, 0xdc08ae09, 0xe7587f0c, 0xef08753c, 0xf23e2de2, 0xf3d231f7,
  0xf6a4b84e, 0xf729446a, 0xf9603045, 0xfa86ab19, 0xfd84968f,
]);

const nouns =
  'idiots?|morons?|imbeciles?|losers?|scum|scumbags?|trash|garbage|pigs?|cows?|clowns?|dimwits?|halfwits?|creeps?|vermin|parasites?|cowards?|freaks?|rats?|cockroach(?:es)?|animals|monsters?|psychos?|retards?|numbskulls?|weirdos?|waste of (?:space|oxygen|time|air)|piece of (?:trash|garbage|crap|filth)|joke|disgrace|failure|nobody|nobodies|bimbos?|leech(?:es)?|subhumans?|savages?|filth|lowlifes?|maggots?|embarrassment|dumb as a rock|bags? of filth';
const adjectives =
  'stupid|dumb|dumber|ugly|fat|pathetic|worthless|disgusting|useless|brainless|braindead|brain dead|idiotic|moronic|repulsive|retarded|filthy|inferior|subhuman|vile|hideous|clueless|dense|talentless|spineless|the worst';
const fillers =
  'a|an|the|such|so|too|really|just|simply|nothing|but|total|totally|complete|completely|absolute|absolutely|utter|utterly|truly|all|even|more|most|very|little|huge|big|bunch|of|literally|still|always|clearly|obviously|honestly|basically|kind|as|both|old|lazy|fat';
const filled = (more: string) => `(?:(?:${fillers}|${more}) )*`;
const groups =
  'women|girls|men|immigrants?|migrants?|refugees?|foreigners?|muslims?|jews?|christians?|hindus?|atheists|gays?|gay people|lesbians?|trans people|transgender people|black people|blacks|white people|whites|asians?|mexicans?|arabs?|africans?|indians?|chinese|gypsies|disabled people|old people|poor people|homosexuals?|latinos?|natives|catholics|blondes|boomers';
const lowering = `${nouns}|${adjectives}|criminals?|terrorists?|thieves|liars|rapists|diseased?|plague|lazy|dirty|evil|greedy|liabilit(?:y|ies)|too emotional|good for nothing|too stupid|not (?:human|people|real|welcome)`;
const scolding = `${adjectives}|lying|miserable|sad|rotten|damn|bloody|ignorant|arrogant|sick|twisted|entitled`;
const end = '(?= [.,;!?]|$| and | or | u | you | bro| man| as | lol)';

const rule = (...parts: string[]) => new RegExp(`(?<![a-z])(?:${parts.join('|')})`, 'g');

/** On words in small letters without accents and apostrophes, marks as words of their own. */
export const toxicRules = {
  threat: rule(
    `(?:i|we)(?: will|ll| am going to|m going to|m gonna|re going to| are going to|m about to| should| swear i will| want to| wanna| oughta)? (?:\\w+ ){0,2}(?:kill|murder|strangle|stab|slaughter) (?:you|u|him|her|them|your|his)(?![\\w-])`,
    `(?:ill|im gonna|im going to|im coming to|well|were gonna|someone should|somebody should|i will|we will|going to|gonna) (?:\\w+ ){0,3}(?:kill|murder|hurt|strangle|stab|slaughter|end|destroy) (?:you|u|him|her|them|all of you)(?![\\w-])(?! with kindness)`,
    `(?:ill|i will|im gonna|im going to|well|gonna|going to|should|wanna|want to) (?:\\w+ )?(?:beat|smash|break|bash|punch|kick|slit|burn|cut) (?:you (?:up|to|senseless|down|in)|(?:your|his|her|their) (?:face|head|neck|legs?|arms?|teeth|skull|throat|house|nose|ass|fingers?|kneecaps|jaw))(?![\\w-])`,
    `(?:shoot|gun) (?:you|him|her|them) (?:down|in|dead|all)(?![\\w-])`,
    `(?:kill|hang|hurt|drown|shoot) (?:yourself|urself)(?![\\w-])`,
    `(?:i )?hope (?:you|he|she|they|ur \\w+|your \\w+)(?: all| both)? (?:die|dies|rot|rots|suffer|suffers|choke|chokes|drown|get (?:cancer|hit|shot|hurt|raped)|gets (?:cancer|hit|shot|hurt|raped)|burn|burns|never wake)(?![\\w-])`,
    `(?:you|he|she|they)(?: all)? (?:should|must|deserve to|need to|ought to)(?: just)? (?:die|be (?:shot|killed|beaten|hanged|raped|burned|burnt|dead|put down|locked in a cage)|burn|suffer|drop dead|jump off|rot)(?![\\w-])`,
    `(?:youre|you are|ur|hes|shes|theyre)(?: so)? dead(?: meat)?(?: (?:if|when|once)(?![\\w-])|${end})`,
    `(?:i|we) know where (?:you|u|your|they|he|she) (?:\\w+ )?(?:live|lives|sleep|sleeps|work|works|goes to school)(?![\\w-])`,
    `watch your back`,
    `(?:go|just) (?:and )?die(?![\\w-])`,
    `better off (?:dead|without you)`,
    `(?:you|he|she|they)(?:ll| will) (?:regret|wish you were never|bleed|be sorry|pay for|not live to|never walk)(?![\\w-])`,
    `put a bullet in`,
    `(?:rip|tear|cut) (?:your|his|her|their) (?:head|heart|tongue|throat)(?![\\w-])`,
    `(?:bomb|blow up|burn down|shoot up) (?:your|the|this|that|their) (?:\\w+ )?(?:house|school|office|building|place|church|mosque|synagogue)(?![\\w-])`,
  ),
  hate: rule(
    `(?:${groups})(?: \\w+)? (?:are|is|r) (?!not )${filled('like|filthy|dirty|born|natural|naturally')}(?:${lowering})(?![\\w-])`,
    `(?:${groups}) (?:should|must|need to|ought to|deserve to)(?: all| just| not| never)? (?:be (?:killed|shot|exterminated|deported|gassed|hanged|wiped out|banned|sterilized|sterilised|locked up|put down|allowed to (?:vote|drive|work|breed))|die|burn|stay in the kitchen|know their place|go back|vote|disappear|breed|have rights)(?![\\w-])`,
    `(?:i )?(?:hate|despise|cant stand) (?:all |the |those |these )?(?:${groups})(?![\\w-])`,
    `(?:death to|kill all|exterminate|get rid of|wipe out|gas|deport|hang)(?: all)?(?: the| those| these)? (?:${groups})(?![\\w-])`,
    `go back to (?:your|their)(?: own| damn)? (?:country|jungle|cave|shithole|desert)(?![\\w-])`,
    `go back (?:to )?where (?:you|they) (?:came|come) from`,
    `(?:${groups}) (?:dont|do not|will never|cant|cannot|can never) (?:belong|be trusted|be civilized|be civilised|think|deserve|drive|integrate)(?![\\w-])`,
    `(?:(?:typical|stupid|dirty|filthy|lazy|dumb|bloody|damn|those) ){1,3}(?:${groups})(?![\\w-])(?= always| never| ruin| taking| steal| ?[.!]|$)`,
    `(?:jews|immigrants|muslims|blacks|foreigners|gays|women|refugees) (?:control|ruin|are ruining|are taking over|are destroying|destroy|infest|are infesting|poison|are poisoning|are invading) `,
    `belongs? in (?:the kitchen|a cage|a zoo|the gas)`,
    `(?:white|aryan) (?:power|supremacy (?:is|now|forever))`,
    `heil hitler|gas chambers? (?:were|was) (?:good|right|too)`,
  ),
  insult: rule(
    `(?:you|u|they|he|she|your (?:mother|mom|mum|mama|family|wife|sister)|this guy|that guy|everyone here)(?: are| is| r|re|s| were| was) ${filled(scolding)}(?:(?:${nouns})(?![\\w-])|(?:${adjectives})${end})`,
    `(?:youre|ur|hes|shes|theyre|yall are|u r|u) ${filled(scolding)}(?:(?:${nouns})(?![\\w-])|(?:${adjectives})${end})`,
    `you (?:(?:${scolding}|little|fat|old|lazy|complete|absolute|total) )*(?:${nouns})(?![\\w-])(?! (?:and|or) (?:cheese|mice))`,
    `(?:what a|what an|such a|such an) (?:\\w+ )?(?:idiots?|moron|imbecile|loser|scumbag|creep|waste of space|disgrace|pathetic \\w+|dimwit)(?![\\w-])`,
    `(?:idiots?|morons?|losers?|scum|trash|clowns?|people|freaks?) like (?:you|him|her|them)(?![\\w-])(?= [.!?,;]|$| should| make| ruin| are| dont)`,
    `shut (?:up|your (?:mouth|face|trap))`,
    `(?:screw|damn|curse|to hell with) (?:you|u|them|him|her)(?![\\w-])`,
    `go to hell|drop dead|get lost (?:loser|idiot|you)|burn in hell|rot in hell`,
    `(?:(?:nobody|no one|noone) (?:likes|wants|loves|cares about|would miss)|(?:everybody|everyone) (?:hates|laughs at)) (?:you|u)(?![\\w-])`,
    `(?:^|(?<=[.!?,] ))(?:idiots?|morons?|imbeciles?|losers?|scumbags?)(?= [!.?,]|$)`,
    `you (?:disgust me|make me (?:sick|puke|vomit)|are dead to me|suck|stink|ruin everything)`,
    `(?:i )?(?:hate|despise|loathe) you(?![\\w-])`,
    `(?:are|r) (?:you|u) (?:${fillers} )*(?:stupid|dumb|retarded|braindead|brain dead|an idiot|a moron|blind and stupid)(?![\\w-])`,
    `how (?:stupid|dumb|dense|thick) (?:are|r|can) (?:you|u)(?![\\w-])`,
    `(?:your|ur) (?:\\w+ )?(?:ugly|stupid|fat|dumb) (?:face|head|mouth|family|brain|mug|ass)(?![\\w-])`,
    `(?:kiss|lick) my (?:ass|arse|boots)`,
    `(?:have|has|got|with) (?:no|zero|half a|the) (?:brain|brains|brain cells|iq)(?: cells?)?(?![\\w-])(?! (?:scan|damage|tumor|tumour|injury|activity|surgery|fog))${end}`,
    `(?:brain|iq|intelligence|personality|charm) of (?:a|an) (?:pea|potato|rock|brick|goldfish|wet \\w+|amoeba|toddler|doorknob)`,
    `piece of (?:trash|garbage|filth|crap) like you`,
  ),
  sexual: rule(
    `suck (?:my|his|a) (?:dick|cock|balls)`,
    `(?:show|send|flash) (?:me|us) (?:your|some|ur) (?:\\w+ )?(?:tits|boobs|nudes|body|panties|pussy|naked \\w+)`,
    `(?:wanna|want to|gonna|going to|lets) (?:bang|screw|hump|ride) (?:you|u|her|him)(?![\\w-])`,
    `(?:your|her|his|my) (?:dick|cock|pussy|tits)(?![\\w-])`,
    `(?:i )?(?:want|need) (?:you|u) naked`,
  ),
};
