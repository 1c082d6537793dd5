/** What is known of a language: words apart by spaces, `word=meaning` where several mean one. */
type Words = {
  /** Say nothing about what is asked; by them the language is told. */
  fillers: string;
  /** Say who, when, where, why, how much, how long. */
  asks: string;
  denies: string;
  numbers: string;
  /** Another of their kind asks for something else: opposites, measures, times. */
  tells: string;
};

/** Seven languages, by the words that decide. Months and days come from the calendar. */
export const tongues: Readonly<Record<string, Words>> = {
  en: {
    fillers: `a an the my your our their i you we me us they it its is are am be been being do does did have has had can could
      may might would should must shall will need want to of for in on at by with and or what which how this that these
      those there please tell give get got way possible steps any if so also just as into about okay ok allowed able still s m re ve ll d wo up`,
    asks: 'who whom=who whose when where why',
    denies: 'not no never without none nobody nothing neither nor cannot except unless',
    numbers: `one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11 twelve=12 twenty=20 thirty=30
      forty=40 fifty=50 hundred=100 thousand=1000 million billion dozen=12 half quarter once=1× twice=2× double triple first
      second third last next previous both all every each few several single times=×`,
    tells: `long length=long much many number=many often old age=old young far distance=far near tall=high high height=high low heavy weight=heavy
      light big=large bigger=larger biggest=largest small smaller smallest large larger largest fast faster fastest slow slowly=slow slower slowest
      cheap cheaper cheapest expensive best better worst worse bad more less most least maximum=max max minimum=min min
      before after until since down left right off out close closed stop end=stop uninstall disconnect remove=delete delete
      disable deactivate=disable decrease=reduce lower=reduce reduce sell lend borrow receive export download logout decrypt unlock
      unblock unsubscribe unfollow lose cold dry unsafe=dangerous dangerous illegal=forbidden forbidden prohibited=forbidden unfriendly
      from formal informal descending same instead today tomorrow yesterday now later night morning evening noon spring summer autumn
      winter second seconds=second minute minutes=minute hour hours=hour day days=day daily=day week weeks=week weekly=week
      month months=month monthly=month year years=year yearly=year mile miles=mile metre metres=metre meter=metre
      meters=metre foot feet=foot inch inches=inch kilometre kilometres=kilometre gram grams=gram ounce ounces=ounce pound
      pounds=pound cup cups=cup tablespoon tablespoons=tablespoon teaspoon teaspoons=teaspoon litre litres=litre gallon
      gallons=gallon euro euros=euro dollar dollars=dollar yen percent degrees celsius fahrenheit word words=word sentence
      sentences=sentence page pages=page male female man woman men women child children=child adult adults=adult parent buyer
      seller landlord tenant`,
  },
  de: {
    fillers: `der die das den dem des ein eine einen einem einer mein meine meinen meinem meiner unser unsere ich du wir man mir
      mich es ist sind war bin wird werden habe hat kann können kannst könnte darf dürfen soll sollte muss müssen müsste möchte um zu zum
      zur von vom für im in an am auf mit und oder was welche welcher welches wie bitte dass sich tun hier erlaubt möglich`,
    asks: 'wer wen=wer wem=wer wann wo wohin woher warum wieso=warum weshalb=warum',
    denies: 'nicht kein keine keinen keinem keiner nie niemals ohne nichts niemand weder außer',
    numbers: `zwei=2 drei=3 vier=4 fünf=5 sechs=6 sieben=7 acht=8 neun=9 zehn=10 elf=11 zwölf=12 zwanzig=20 hundert=100
      tausend=1000 million milliarde dutzend=12 halb halbe einmal=1× zweimal=2× dreimal=3× doppelt erste zweite dritte letzte nächste beide alle
      jede jeden`,
    tells: `lange=lang lang länge=lang viel=viele viele oft alt alter=alt jung weit nah hoch höhe=hoch niedrig schwer leicht groß klein größte
      kleinste schnell langsam billig teuer beste besten=beste schlechteste schlechtesten=schlechteste schlecht mehr weniger maximal
      minimal vor nach während bis seit aus schließen geschlossen stoppen deaktivieren deinstallieren löschen senken verkaufen
      empfangen unsicher illegal=verboten verboten heute morgen gestern jetzt später nacht abend sekunde sekunden=sekunde minute
      minuten=minute stunde stunden=stunde tag tage=tag täglich=tag woche wochen=woche wöchentlich=woche monat monate=monat jahr
      jahre=jahr meter kilometer meile meilen=meile gramm kilo liter euro dollar prozent grad kind erwachsene mieter vermieter`,
  },
  fr: {
    fillers: `le la les l un une des du de d mon ma mes votre notre je j tu nous vous on me m il elle est sont suis ai a ont peut
      peux puis pouvez faut doit dois faire fais fait pour en au aux à dans sur avec et ou que quoi quel quelle quels
      quelles comment qu ce c s t possible moyen y se permis`,
    asks: 'qui quand où pourquoi combien',
    denies: 'pas jamais sans aucun aucune rien personne ni non sauf',
    numbers: `deux=2 trois=3 quatre=4 cinq=5 six=6 sept=7 huit=8 neuf=9 dix=10 onze=11 douze=12 vingt=20 cent=100 mille=1000
      million milliard douzaine=12 demi moitié double premier première=premier deuxième dernier dernière=dernier prochain tous toutes=tous chaque fois=×`,
    tells: `longtemps temps souvent vieux jeune loin près haut hauteur=haut bas lourd léger grand petit rapide lent cher meilleur meilleure=meilleur
      pire mauvais mauvaise=mauvais plus moins avant après depuis jusqu fermer fermé désactiver désinstaller supprimer
      baisser=réduire réduire vendre recevoir illégal=interdit interdit aujourd demain hier maintenant nuit matin soir seconde
      minute minutes=minute heure heures=heure jour jours=jour semaine semaines=semaine mois ans=an an gramme grammes=gramme litre
      kilomètre kilomètres=kilomètre euro euros=euro dollar dollars=dollar degrés enfant adulte locataire propriétaire`,
  },
  es: {
    fillers: `el la los las un una unos unas de del mi mis tu su nuestro yo me se es son está están hay puedo puede puedes podría debo
      debe tengo tiene hacer hago hace para por en al a con y e o que qué cuál cuáles cómo favor lo le les esto este esta permitido posible`,
    asks: 'quién quiénes=quién cuándo dónde cuánto cuánta=cuánto cuántos=cuánto cuántas=cuánto',
    denies: 'no nunca jamás sin ningún ninguna ninguno nada nadie ni tampoco salvo excepto',
    numbers: `dos=2 tres=3 cuatro=4 cinco=5 seis=6 siete=7 ocho=8 nueve=9 diez=10 once=11 doce=12 veinte=20 cien=100 mil=1000
      millón docena=12 medio media doble primero primera=primero segundo última=último último próximo todos todas=todos cada vez=× veces=×`,
    tells: `tiempo viejo joven lejos cerca alto alta=alto altura=alto bajo baja=bajo pesado grande pequeño rápido lento barato caro mejor peor
      malo más menos antes después desde hasta cerrar cerrado desactivar desinstalar eliminar reducir vender recibir
      ilegal=prohibido prohibido hoy mañana ayer ahora noche minuto minutos=minuto hora horas=hora día días=día semana
      semanas=semana mes meses=mes año años=año gramo gramos=gramo litro kilómetro kilómetros=kilómetro euro euros=euro dólar
      dólares=dólar grados niño adulto`,
  },
  it: {
    fillers: `il lo la i gli le l un uno una di del della dei delle d mio mia miei mie tuo io si mi me è sono ha ho posso può puoi devo
      deve faccio fa fare per in al alla a ad con e ed o che cosa quale quali qual come questo questa permesso possibile`,
    asks: 'chi quando dove dov=dove perché quanto quanta=quanto quanti=quanto quante=quanto',
    denies: 'non no mai senza nessun nessuno nessuna niente nulla né tranne',
    numbers: `due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 undici=11 dodici=12 venti=20 cento=100 mille=1000
      milione dozzina=12 mezzo mezza=mezzo doppio primo prima secondo ultimo ultima=ultimo prossimo tutti tutte=tutti ogni volta=× volte=×`,
    tells: `tempo vecchio giovane lontano vicino alto alta=alto altezza=alto basso pesante grande piccolo veloce lento caro economico migliore
      peggiore cattivo più meno dopo da dal dalla chiudere chiuso disattivare disinstallare eliminare ridurre vendere ricevere
      illegale=vietato vietato oggi domani ieri adesso notte minuto minuti=minuto ora ore=ora giorno giorni=giorno settimana
      settimane=settimana mese mesi=mese anno anni=anno grammo grammi=grammo litro chilometro chilometri=chilometro euro
      dollaro dollari=dollaro gradi bambino adulto`,
  },
  pt: {
    fillers: `o a os as um uma uns umas de do da dos das meu minha meus minhas seu sua eu se me é são está estão posso pode podes devo
      deve tenho tem fazer faço faz para por em no na nos nas ao à com e ou que qual quais como favor isto este esta permitido possível`,
    asks: 'quem quando onde quanto quanta=quanto quantos=quanto quantas=quanto porquê',
    denies: 'não nunca jamais sem nenhum nenhuma nada ninguém nem exceto',
    numbers: `dois=2 duas=2 três=3 quatro=4 cinco=5 seis=6 sete=7 oito=8 nove=9 dez=10 onze=11 doze=12 vinte=20 cem=100 mil=1000
      milhão dúzia=12 meio meia=meio dobro primeiro primeira=primeiro segundo último última=último próximo todos todas=todos cada vez=× vezes=×`,
    tells: `tempo velho jovem longe perto alto alta=alto altura=alto baixo pesado grande pequeno rápido lento barato caro melhor pior mau má=mau
      mais menos antes depois desde até fechar fechado desativar desinstalar excluir reduzir vender receber ilegal=proibido
      proibido hoje amanhã ontem agora noite minuto minutos=minuto hora horas=hora dia dias=dia semana semanas=semana mês
      meses=mês ano anos=ano grama gramas=grama litro quilômetro quilómetro=quilômetro euro euros=euro dólar dólares=dólar real
      reais=real graus criança adulto`,
  },
  nl: {
    fillers: `de het een mijn je jouw ons onze ik jij we wij men mij is zijn ben was wordt worden heb heeft kan kun kunnen mag moet moeten
      wil zou om te voor in op aan met en of wat welke welk hoe dat dit er doen doe ga van toegestaan mogelijk`,
    asks: 'wie wanneer waar waarom hoeveel hoelang',
    denies: 'niet geen nooit zonder niets niks niemand noch behalve',
    numbers: `twee=2 drie=3 vier=4 vijf=5 zes=6 zeven=7 acht=8 negen=9 tien=10 elf=11 twaalf=12 twintig=20 honderd=100 duizend=1000
      miljoen miljard dozijn=12 half halve=half eenmaal=1× tweemaal=2× dubbel eerste tweede laatste volgende beide alle elke keer=×`,
    tells: `lang lange=lang vaak oud jong ver dichtbij hoog hoogte=hoog laag zwaar licht groot klein snel langzaam goedkoop duur beste slechtste
      slecht meer minder voor na tot sinds uit sluiten gesloten deactiveren verwijderen verlagen verkopen ontvangen
      illegaal=verboden verboden vandaag morgen gisteren nu nacht minuut minuten=minuut uur uren=uur dag dagen=dag week
      weken=week maand maanden=maand jaar jaren=jaar gram liter kilometer euro dollar graden kind volwassene huurder verhuurder`,
  },
};
