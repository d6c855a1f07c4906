package dev.kimi.internal.protocol;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What an error is about, as far as its names and words tell; the status decides the rest. Names and words are open
 * sets: each service, gateway and language has its own, so they are recognised by what they have in common.
 *
 * <p>A limit on the rate and an empty account share the word "quota", the status 429 and links to the billing page.
 * What distinguishes them: an account without money is one whatever else is said; the word "quota" and its like mean
 * money only where nothing speaks of a rate, such as a time unit, a limit's short name, or when to try again.
 */
enum ErrorMeaning {
    /** The account has no money or quota left. */
    QUOTA(402),
    /** The content is objected to. */
    FILTER(400),
    /** The key is wrong. */
    KEY(401),
    /** The service has no capacity. */
    OVERLOAD(529),
    /** The account sends too much at a time. */
    RATE(429),
    /** The status says it, or nothing does. */
    UNKNOWN(500);

    private static final Pattern QUOTA_NAME =
            Pattern.compile("insufficient(balance|quota|credit|fund|userquota|tokenquota|account)|currentquota|billing"
                    + "|balance(notenough|insufficient|low|error|exhausted|depleted)|(low|no)balance"
                    + "|outof(balance|credit)"
                    + "|creditserror|credit(s)?(limit|balance|exhausted|depleted|required|expired|exceeded)|nocredit"
                    + "|notenough(credit|balance|quota|fund)|arrear|overdue|payment(required|method)|unpaid"
                    + "|budgetexceed|exceededbudget|spend(ing)?(limit|cap)|freetieronly|notpurchased"
                    + "|unpurchased|resourcepackexhausted|quotaexhausted|consumetokenquota|accountsuspended"
                    + "|^(1008|1113|30001)$");
    private static final Pattern QUOTA_WORDS =
            Pattern.compile("insufficient[ _-](\\w+[ _-]){0,2}(balance|credits?|funds)\\b|insufficient_(user_)?quota"
                    + "|balance\\b.{0,30}\\b(too low|insufficient|not enough|not sufficient|exhausted|depleted|empty"
                    + "|negative|used up|run out)|\\b(low|no|zero|negative|not enough|exhausted) (account )?balance\\b"
                    + "|\\b(out of|no|not enough|run out of|ran out of|any|requires? more"
                    + "|need more) (\\w+ )?credits?\\b"
                    + "|credits? (balance )?((is|are|has|have|was|were) )?(been )?(too low|exhausted|depleted|expired"
                    + "|used up|insufficient|consumed|run out)|used all .{0,30}credits|prepay(ment)? credits"
                    + "|included credits|exceeded .{0,30}credits|credit limit (exceeded|reached)"
                    + "|payment[ _]required|no payment method|payment (is |was )?(failed|declined|past due|overdue)"
                    + "|\\barrears?\\b|arrearage|\\boverdue\\b|past due|good standing|spend(ing)?[ -](limit|cap)"
                    + "|budget\\b.{0,20} exceeded|exceeded .{0,20}budget\\b|over budget"
                    + "|billing_?(hard|not_active)|account balance|余额(不足|已|为|耗尽|用)|余额.{0,6}(不足|不够)|欠费|欠款"
                    + "|无可用资源包|资源包.{0,8}(不足|用尽|耗尽|用完)|账户.{0,8}(停用|停服)|費用不足|餘額不足");
    private static final Pattern PERHAPS_QUOTA_NAME = Pattern.compile("quota|usagelimit|monthlylimit|planlimit");
    private static final Pattern PERHAPS_QUOTA_WORDS =
            Pattern.compile("quota\\b.{0,40}\\b(exceed|exhaust|reached|used up|not enough|insufficient|deplet|run out)"
                    + "|(exceed|exhaust|reached|out of|used up|over|no|insufficient|not enough)\\w*\\b.{0,40}\\bquota"
                    + "|\\bbilling\\b|recharge|top[ -]?up|is suspended|usage limit|account .{0,80} is not active"
                    + "|(trial|subscription|plan)\\b.{0,30}\\b(ended|expired|inactive|exhausted)|inactive subscription"
                    + "|free tier .{0,40}exhausted|key limit exceeded|purchase (more )?credits|充值|额度|額度|配额|套餐");

    private static final Pattern FILTER_NAME =
            Pattern.compile("content(filter|policy|moderation|blocked|violation|safety)(?!error)"
                    + "|datainspection(?!error)|responsibleai|sensitive|riskdetection|(text|image)illegal"
                    + "|ipinfringement|ruleblocked|roleblocked|censor|moderationblocked|moderationfail"
                    + "|inputmoderation|outputmoderation|promptblocked|promptinjection|safety(violation|block|filter)"
                    + "|prohibitedcontent|inputflagged|jailbreak|^(1026|1027|1301|10013|10014|10019)$");
    private static final Pattern FILTER_WORDS = Pattern.compile("(considered )?high risk\\b|content exists risk"
            + "|content[ _-](filter|moderation|management policy|safety)(?!\\w* (service|system|error))"
            + "|content polic(y|ies)|inappropriate content|responsible[ _]?ai"
            + "|sensitive (content|words?|information|material|topics?)|(input|output)\\b.{0,12}\\bsensitive"
            + "|new_sensitive"
            + "|(was|been|is|were) flagged|flagged (for|as|by)|requires moderation|prohibited content"
            + "|violat\\w+ .{0,40}(polic(y|ies)|guidelines|terms)|safety (system|filter|check|polic|guideline|reason)"
            + "|blocked by .{0,20}(safety|content|moderation|policy)|inappropriate or (unsafe|sensitive)"
            + "|(unsafe|harmful|illegal|objectionable) content|ip infringement"
            + "|内容.{0,20}(违规|敏感|不安全|风险|审核|过滤|不合规|非法|拦截|不当|违法)|敏感|违规|违法|不当内容|不合规|安全审核"
            + "|不安全|涉黄|涉政|內容.{0,20}(違規|敏感|過濾)");

    private static final Pattern KEY_NAME =
            Pattern.compile("(invalid|incorrect|missing|wrong|bad|expired|no)(x)?apikey|apikey(invalid|notvalid"
                    + "|expired"
                    + "|notfound|missing|incorrect|error)|invalidauth|authentication(error|fail|required)"
                    + "|(invalid|expired)(access|iam|auth|bearer|api)?token$|tokenexpired|accesstokeninvalid"
                    + "|^autherror$|authfail|invalidkey|badcredentials|invalidcredentials|invalidclient|^2049$");
    private static final Pattern KEY_WORDS =
            Pattern.compile("(incorrect|invalid|missing|wrong|expired|malformed|unknown"
                    + "|revoked|disabled|no|bad)\\b ?((x-|your|the|an?|openai|access|auth\\w*|bearer|header) ?){0,3}"
                    + "(api[-_ ]?key|access[-_ ]token|auth(entication|orization)?[-_ ](header|token|key"
                    + "|credential)|credentials"
                    + "|api token|bearer token|security token)|(invalid|missing) (authentication|authorization)"
                    + "|api[-_ ]?key\\b.{0,60}\\b(not valid|invalid|incorrect|expired|missing|not found"
                    + "|is required|disabled"
                    + "|revoked|wrong|not provided|does not exist|deactivated)|access token\\b.{0,20}(invalid|expired)"
                    + "|did(n't| not) provide .{0,20}api key|authentication (fail|error|required)"
                    + "|not authenticated|login fail|could not (validate|verify) credentials"
                    + "|无效的?.{0,6}(令牌|密钥|秘钥|api|key|token|凭证)|(令牌|密钥|秘钥|api ?key|token|凭证).{0,12}(无效|错误|不正确"
                    + "|过期|失效|不存在|有误|未提供|为空)|(身份|鉴权|认证|签名)(验证)?.{0,4}(失败|错误|未通过|异常)|未授权|未登录"
                    + "|無效的.{0,6}(令牌|密鑰|金鑰)");

    private static final Pattern OVERLOAD_NAME =
            Pattern.compile("overload|capacity(exceed|error)|nocapacity|serverbusy|serverisbusy|enginebusy|modelbusy"
                    + "|slowdown|serverunavailable|modelloading|queueexceeded|insufficientcapacity|^1312$");
    private static final Pattern OVERLOAD_WORDS = Pattern.compile(
            "overload|over capacity|at capacity|no (available )?capacity|capacity (is )?(exceeded|exhausted)"
                    + "|out of capacity|过载|过载|負載過高|负载.{0,4}(过高|过大|饱和|较高)|饱和");
    private static final Pattern PERHAPS_OVERLOAD_WORDS =
            Pattern.compile("\\bbusy\\b|high (demand|traffic|load)|繁忙|拥挤|资源不足|算力不足|无可用渠道");

    private static final Pattern RATE_NAME =
            Pattern.compile("ratelimit|toomany(request|token|connection)|throttl|(rpm|tpm|qps|qpm|tpd|rpd)"
                    + "|limitrequests|limitburst|requestlimit|burst|concurrencylimit|limitexceeded$|resourceexhausted"
                    + "|per(second|minute|hour|day)|^(1302|1303|1305|1039|336501|336502)$");
    private static final Pattern RATE_WORDS =
            Pattern.compile("rate[- _]?limit|too many (requests|tokens|connections|calls)"
                    + "|throttl|per[ _-]?(second|sec|minute|min|hour|day)(?![a-z])|\\b(rpm|tpm|tpd|rpd|rps|qps"
                    + "|qpm|itpm|otpm|ipm)\\b"
                    + "|concurren|(try again|retry|wait)[a-z ]{0,20} \\d|request limit (reached|exceeded)"
                    + "|error code: 1015"
                    + "|resource (has been |is )?exhausted|resource_exhausted|slow down|频率|频次|速率|限流|限速|并发|並發"
                    + "|请求.{0,4}(过多|太多|过快|频繁)|請求.{0,4}(過多|太多|過快|頻繁)|调用次数|每(分钟|秒|小时|天|日)|流控"
                    + "|(秒|分钟|小时)后.{0,4}(再试|重试)");

    private final int usualStatus;

    ErrorMeaning(int usualStatus) {
        this.usualStatus = usualStatus;
    }

    /** The status that such an error has where it comes with one. */
    int usualStatus() {
        return usualStatus;
    }

    /**
     * What an error is about.
     *
     * @param status the one it came with or names; 0 where it has none, so that words alone decide
     */
    static ErrorMeaning of(int status, ErrorBody body) {
        List<String> names = body.names().stream().map(ErrorMeaning::plain).toList();
        String words = body.words();
        boolean rateNamed = has(RATE_NAME, names);
        boolean rateSaid = rateNamed || RATE_WORDS.matcher(words).find();
        boolean quotaPerhaps = perhapsQuota(status, names, words);
        if (isQuota(status, names, words) || quotaPerhaps && !rateSaid && body.hint() == null) {
            return QUOTA;
        } else if (has(FILTER_NAME, names)
                || mayFilter(status) && FILTER_WORDS.matcher(words).find()) {
            return FILTER;
        } else if (has(KEY_NAME, names)
                || mayBeKey(status) && KEY_WORDS.matcher(words).find()) {
            return KEY;
        } else if (isOverload(status, names, words, rateSaid)) {
            return OVERLOAD;
        }
        // a request that is too large for a limit (413) fits it no better later
        boolean named = rateNamed && status != 401 && status != 404 && status != 413;
        return named || mayBeRate(status) && (rateSaid || quotaPerhaps) ? RATE : UNKNOWN;
    }

    private static boolean isQuota(int status, List<String> names, String words) {
        return status == 402
                || has(QUOTA_NAME, names)
                || QUOTA_WORDS.matcher(words).find();
    }

    private static boolean perhapsQuota(int status, List<String> names, String words) {
        return status != 404
                && status != 413
                && (has(PERHAPS_QUOTA_NAME, names)
                        || PERHAPS_QUOTA_WORDS.matcher(words).find());
    }

    private static boolean isOverload(int status, List<String> names, String words, boolean rateSaid) {
        if (has(OVERLOAD_NAME, names)) {
            return true;
        }
        boolean may = status == 0 || status == 429 || status >= 500;
        return may
                && (OVERLOAD_WORDS.matcher(words).find()
                        || !rateSaid && PERHAPS_OVERLOAD_WORDS.matcher(words).find());
    }

    private static boolean mayFilter(int status) {
        return switch (status) {
            case 0, 400, 403, 422, 451, 500, 502 -> true;
            default -> false;
        };
    }

    private static boolean mayBeKey(int status) {
        return status == 0 || status == 400 || status == 401 || status == 403 || status >= 500;
    }

    private static boolean mayBeRate(int status) {
        return switch (status) {
            case 0, 403, 429, 498, 500, 502, 520 -> true;
            default -> false;
        };
    }

    private static boolean has(Pattern pattern, List<String> names) {
        return names.stream().anyMatch(name -> pattern.matcher(name).find());
    }

    /** Without case and separators: services write the same name in every style. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }
}
