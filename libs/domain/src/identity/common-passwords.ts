/**
 * Passwords of twelve characters and more that guessing begins with: keyboard walks, the well-known words lengthened to
 * satisfy a minimum, seasons and years. Lower case. Repetitions such as `aaaaaaaaaaaa` are found by rule instead.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  012345678901 098765432109 0987654321098 111222333444 112233445566 123321123321 123454321234 123456123456
  123456654321 123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 147258369147
  159753159753 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc
  741852963741 987654321098 a123456789012 a1234567890b a1b2c3d4e5f6 aa123456789a abc123456789 abc123abc123
  abcd12345678 abcdefghijkl abcdefghijklm abcdefghijklmnop abcdefghijklmnopqrstuvwxyz admin1234567 admin12345678
  admin123456789 adminadmin12 adminadminadmin administrator administrator1 adminpassword alexander123
  alhamdulillah allahuakbar1 arsenal12345 asdfghjkl123 asdfghjkl;'\\ asdfghjklqwerty assalamualaikum asshole12345
  bangladesh12 barcelona1234 baseball1234 basketball12 basketball123 batman123456 bismillah123 bismillah1234
  bismillah786 brasil123456 butterfly123 changeme123! changeme1234 changeme12345 changemeplease changepassword
  chelsea12345 chocolate123 christopher1 computer1234 computer12345 correcthorsebatterystaple december2024
  december2025 defaultpassword dragon123456 dragonball123 dragonballz1 elizabeth123 facebook1234 facebook12345
  facebook123456 ferrari12345 football1234 football12345 freedom12345 friday123456 fuckyou12345 fuckyou123456
  fuckyoufuckyou gameofthrones godblessyou1 godisgood123 google123456 guestguestguest harrypotter1 harrypotter123
  hindustan123 hunter123456 ilovejesus123 ilovemyfamily ilovemymother iloveyou1234 iloveyou12345 iloveyou123456
  iloveyouforever iloveyousomuch india1234567 indonesia123 indonesia1234 indonesia1945 instagram123 instagram1234
  internet1234 jennifer1234 jesuschrist1 jesusislord1 juventus1897 killer123456 letmein12345 letmein123456
  letmeinletmein letmeinplease liverpool1234 liverpoolfc1 lordoftherings manchester12 manchesterunited
  master123456 mercedesbenz metallica123 michaeljackson michaeljordan michelle1234 microsoft123 minecraft123
  minecraft1234 monday123456 monkey123456 motherfucker motherfucker1 muhammad1234 mypassword12 mypassword123
  mypassword1234 newpassword1 newpassword12 newpassword123 nicholas1234 november2024 november2025 p@ssw0rd123!
  p@ssw0rd1234 p@ssword123! p@ssword1234 pakistan1234 pakistan12345 pakistan1947 passw0rd1234 passw0rd12345
  password!123 password123! password1234 password1234! password12345 password123456 password1234567
  password12345678 password123456789 password1password1 password2020 password2021 password2022 password2023
  password2024 password2025 password2026 passwordispassword passwordpassword philippines1 pineapple123
  playstation1 playstation2 playstation3 playstation4 playstation5 pokemon12345 princess1234 princess12345
  q1w2e3r4t5y6 q1w2e3r4t5y6u7i8 qazwsxedcrfv qazwsxedcrfvtgb qwerty123456 qwerty1234567 qwerty12345678
  qwerty123456789 qwerty123qwerty qwerty654321 qwertyqwerty qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopas
  qwertyuiopasdf qwertyuiopasdfghjkl realmadrid123 rootpassword samsung12345 samsung123456 sayangkamu12
  sayangkamu123 secretpassword september2024 september2025 shadow123456 spiderman1234 spring2024!! startrek1234
  starwars1234 strawberry12 subhanallah12 summer123456 summer2024!! summer2025!! sunshine1234 sunshine12345
  superadmin123 superman1234 supersecret12 supersecret123 superuser1234 sweetheart12 temporary123 temppassword
  test12345678 test123456789 testpassword testpassword1 thisismypassword topsecret1234 trustno1trustno1
  victoria1234 watermelon12 welcome12345 welcome123456 welcome2023! welcome2024! welcome2025! welcome2026!
  welcomeback1 whatever1234 whatsapp1234 whatsapp12345 whatsapp123456 winter123456 winter2024!! winter2025!!
  zaq12wsxcde3 zxcvbnm12345 zxcvbnm123456 zxcvbnmasdfghjkl
`
    .trim()
    .split(/\s+/),
);
