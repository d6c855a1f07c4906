package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.error.KimiException;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What services, gateways and languages send for the same few meanings. */
class ErrorMeaningTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new OpenAiProtocol();

    private static final List<Integer> ANY_STATUS = List.of(200, 400, 401, 402, 403, 429, 500);

    static Stream<String> withoutMoney() {
        return Stream.of(
                "{\"error\":{\"type\":\"api_error\",\"message\":\"insufficient balance (1008)\"}}",
                "{\"type\":\"error\",\"error\":{\"type\":\"CreditsError\",\"message\":\"Insufficient balance\"}}",
                "{\"error\":{\"type\":\"CreditsError\",\"message\":\"No payment method. Add one here: https://a.b/c\"}}",
                "{\"error\":{\"code\":\"1113\",\"message\":\"余额不足或无可用资源包,请充值。\"}}",
                "{\"error\":{\"code\":1113,\"message\":\"?\"}}",
                "{\"base_resp\":{\"status_code\":1008,\"status_msg\":\"insufficient balance\"}}",
                "{\"error\":{\"message\":\"您的账户已欠费\"}}",
                "{\"error\":{\"message\":\"用户额度不足, 剩余额度: 0.00\",\"code\":\"insufficient_user_quota\"}}",
                "{\"error\":{\"message\":\"该令牌额度已用尽\",\"type\":\"new_api_error\"}}",
                "{\"error\":{\"message\":\"預扣費失敗,餘額不足\"}}",
                "{\"error\":{\"message\":\"user quota is not enough\",\"type\":\"one_api_error\"}}",
                "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and billing details.\","
                        + "\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}",
                "{\"error\":{\"message\":\"You exceeded your current quota, please check your plan and billing details\"}}",
                "{\"error\":{\"message\":\"Billing hard limit has been reached\",\"code\":\"billing_hard_limit_reached\"}}",
                "{\"error\":{\"message\":\"Your account is not active, please check your billing details\"}}",
                "{\"error\":{\"message\":\"Insufficient Balance\",\"type\":\"unknown_error\",\"code\":\"invalid_request_error\"}}",
                "{\"error\":{\"message\":\"Sorry, your account balance is insufficient\",\"code\":30001}}",
                "{\"error\":{\"message\":\"Your credit balance is too low to access the API\"}}",
                "{\"error\":{\"message\":\"You are out of credits\"}}",
                "{\"error\":{\"message\":\"Your newly created team doesn't have any credits yet\"}}",
                "{\"error\":{\"message\":\"This request requires more credits, or fewer max_tokens\"}}",
                "{\"error\":{\"message\":\"Insufficient credits. Add more using https://openrouter.ai/credits\"}}",
                "{\"error\":{\"message\":\"You have exceeded your monthly included credits\"}}",
                "{\"error\":{\"message\":\"Your prepayment credits are depleted\",\"status\":\"RESOURCE_EXHAUSTED\"}}",
                "{\"error\":{\"message\":\"Your project has exceeded its monthly spending cap\"}}",
                "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"x\","
                        + "\"details\":{\"error_code\":\"enforced_spend_limit_reached\"}}}",
                "{\"error\":{\"message\":\"Payment Required\"}}",
                "{\"error\":{\"code\":\"Arrearage\",\"message\":\"make sure your account is in good standing\"}}",
                "{\"error\":{\"code\":\"AccountOverdueError\",\"message\":\"The request failed\"}}",
                "{\"code\":\"PrepaidBillOverdue\",\"message\":\"The prepaid bill is overdue.\"}",
                "{\"error\":{\"message\":\"Budget has been exceeded! Max budget: 1.0\",\"type\":\"budget_exceeded\"}}",
                "{\"error\":{\"message\":\"account is suspended due to insufficient balance, please recharge\"}}",
                "{\"error\":{\"message\":\"Provider returned error\",\"metadata\":{\"raw\":\"{\\\"error\\\":"
                        + "{\\\"code\\\":\\\"insufficient_quota\\\"}}\"}}}",
                "{\"error\":{\"message\":\"You have reached your specified API usage limits\"}}",
                "{\"error\":\"Insufficient funds\"}",
                "[{\"error\":{\"message\":\"Insufficient balance\"}}]",
                "{\"detail\":\"Insufficient balance\"}",
                "{\"detail\":{\"error\":{\"message\":\"Insufficient balance\"}}}",
                "Insufficient balance");
    }

    @ParameterizedTest
    @MethodSource("withoutMoney")
    void an_account_without_money_is_one_whatever_the_status(String body) {
        for (int status : ANY_STATUS) {
            assertThat(kind(status, body)).as("%d %s", status, body).isEqualTo("QuotaExceededException");
        }
    }

    static Stream<String> rates() {
        return Stream.of(
                "{\"code\":429,\"message\":\"Resource exhausted, check quota\",\"details\":\"RESOURCE_EXHAUSTED\"}",
                "{\"error\":{\"code\":429,\"message\":\"Resource has been exhausted (e.g. check quota).\","
                        + "\"status\":\"RESOURCE_EXHAUSTED\"}}",
                "{\"error\":{\"message\":\"Quota exceeded for requests per minute\"}}",
                "{\"error\":{\"message\":\"Quota exceeded for x/generate_content_requests_per_minute_per_project with"
                        + " base model: y. Please submit a quota increase request.\"}}",
                "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota, please check your plan and"
                        + " billing details.\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\","
                        + "\"violations\":[{\"quotaId\":\"GenerateRequestsPerMinutePerProject-FreeTier\"}]}]}}",
                "{\"error\":{\"code\":429,\"message\":\"You exceeded your current quota\",\"details\":[{\"@type\":"
                        + "\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"34s\"}]}}",
                "{\"error\":{\"message\":\"Rate limit reached on requests per min (RPM): Limit 3. Please try again in"
                        + " 20s. You can increase your rate limit by adding a payment method to your account at"
                        + " https://platform.openai.com/account/billing.\",\"code\":\"rate_limit_exceeded\"}}",
                "{\"error\":{\"message\":\"Rate limit reached on tokens per minute (TPM): Limit 6000. Need more tokens?"
                        + " Upgrade at https://console.groq.com/settings/billing\"}}",
                "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000"
                        + " free model requests per day\",\"code\":429}}",
                "{\"message\":\"Tokens per minute limit exceeded - too many tokens processed.\","
                        + "\"type\":\"too_many_tokens_error\",\"param\":\"quota\",\"code\":\"token_quota_exceeded\"}",
                "{\"code\":\"Throttling.AllocationQuota\",\"message\":\"Allocated quota exceeded, please increase your"
                        + " quota limit.\"}",
                "{\"error\":{\"code\":\"429\",\"message\":\"Requests have exceeded token rate limit of your current"
                        + " pricing tier. Please retry after 86400 seconds. Please go here: https://aka.ms/oai/quotaincrease"
                        + " if you would like to further increase the default rate limit.\"}}",
                "{\"error\":{\"message\":\"您的账户已达到速率限制,请控制请求频率,充值可提升额度\",\"code\":\"1302\"}}",
                "{\"error\":{\"message\":\"当前并发数过高\"}}",
                "{\"error\":{\"message\":\"触发限流\"}}",
                "{\"error\":{\"message\":\"请求过多,请30秒后重试\"}}",
                "{\"error\":{\"message\":\"每分钟额度已用完\"}}",
                "{\"error_code\":18,\"error_msg\":\"Open api qps request limit reached\"}",
                "{\"base_resp\":{\"status_code\":1039,\"status_msg\":\"token limit\"}}",
                "{\"message\":\"Too many tokens, please wait before trying again.\"}",
                "{\"error\":{\"code\":\"resource_exhausted\",\"message\":\"x\"}}",
                "{\"error\":{\"code\":\"FreeUsageLimitError\",\"message\":\"Rate limit exceeded. Try again later.\"}}",
                "error code: 1015");
    }

    @ParameterizedTest
    @MethodSource("rates")
    void a_rate_limit_that_mentions_quota_stays_one(String body) {
        for (int status : List.of(200, 403, 429, 500)) {
            assertThat(kind(status, body)).as("%d %s", status, body).isEqualTo("RateLimitException");
        }
    }

    static Stream<String> filters() {
        return Stream.of(
                "{\"error\":{\"code\":\"data_inspection_failed\",\"type\":\"data_inspection_failed\","
                        + "\"message\":\"Output data may contain inappropriate content.\"}}",
                "{\"code\":\"DataInspectionFailed\",\"message\":\"x\"}",
                "{\"error\":{\"message\":\"Input data may contain inappropriate content.\"}}",
                "{\"error\":{\"code\":\"content_filter\",\"message\":\"x\",\"status\":400}}",
                "{\"error\":{\"code\":\"x\",\"message\":\"y\",\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}",
                "{\"error\":{\"message\":\"The response was filtered due to the prompt triggering Azure OpenAI's content"
                        + " management policy.\"}}",
                "{\"error\":{\"code\":\"1301\",\"message\":\"系统检测到输入或生成内容可能包含不安全或敏感内容\"}}",
                "{\"error\":{\"code\":\"x\",\"message\":\"内容违规\"}}",
                "{\"error\":{\"message\":\"输入包含敏感词\"}}",
                "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"input new_sensitive (1026)\"}}",
                "{\"base_resp\":{\"status_code\":1027,\"status_msg\":\"output new_sensitive\"}}",
                "{\"error\":{\"message\":\"Content Exists Risk\",\"type\":\"invalid_request_error\"}}",
                "{\"error\":{\"code\":403,\"message\":\"Input was flagged\",\"metadata\":{\"reasons\":[\"violence\"],"
                        + "\"flagged_input\":\"x\"}}}",
                "{\"error\":{\"message\":\"a/b requires moderation on c. Your input was flagged for \\\"d\\\"\"}}",
                "{\"error\":{\"type\":\"invalid_request_error\",\"message\":\"Output blocked by content filtering policy\"}}",
                "{\"error\":{\"code\":\"SensitiveContentDetected.Violence\",\"message\":\"x\"}}",
                "{\"error\":{\"code\":\"OutputTextRiskDetection\",\"message\":\"x\"}}",
                "{\"error\":{\"code\":\"sensitive_words_detected\",\"message\":\"x\"}}",
                "{\"error\":{\"message\":\"Content violates usage guidelines. Failed check: SAFETY_CHECK\"}}",
                "{\"error\":{\"type\":\"censorship_blocked\",\"message\":\"x\"}}",
                "{\"error\":{\"code\":\"content_policy_violation\",\"message\":\"rejected by our safety system\"}}",
                "{\"error\":{\"message\":\"The request was rejected because it was considered high risk\"}}");
    }

    @ParameterizedTest
    @MethodSource("filters")
    void content_that_is_objected_to_is_reported_whatever_the_name(String body) {
        for (int status : List.of(200, 400, 403, 500)) {
            assertThat(kind(status, body)).as("%d %s", status, body).isEqualTo("ContentFilteredException");
        }
    }

    static Stream<String> keys() {
        return Stream.of(
                "[{\"error\":{\"code\":400,\"message\":\"Invalid API key\",\"status\":\"INVALID_ARGUMENT\"}}]",
                "[{\"error\":{\"code\":400,\"message\":\"API key not valid. Please pass a valid API key.\"}}]",
                "{\"error\":{\"code\":400,\"message\":\"x\",\"details\":[{\"reason\":\"API_KEY_INVALID\"}]}}",
                "{\"error\":{\"message\":\"Incorrect API key provided\",\"type\":\"incorrect_api_key_error\"}}",
                "{\"code\":\"invalid-argument\",\"error\":\"Incorrect API key provided. You can obtain one\"}",
                "{\"code\":\"InvalidApiKey\",\"message\":\"Invalid API-key provided.\"}",
                "{\"error\":{\"message\":\"Authentication Fails, Your api key: ****abcd is invalid\"}}",
                "{\"error\":{\"message\":\"无效的令牌\",\"type\":\"new_api_error\"}}",
                "{\"error\":{\"message\":\"API Key 无效\"}}",
                "{\"error\":{\"message\":\"身份验证失败。\",\"code\":\"1000\"}}",
                "{\"error_code\":110,\"error_msg\":\"Access token invalid or no longer valid\"}",
                "{\"base_resp\":{\"status_code\":2049,\"status_msg\":\"invalid api key\"}}",
                "{\"error\":{\"message\":\"You didn't provide an API key.\"}}",
                "{\"error\":{\"message\":\"API key expired. Please renew the API key.\"}}",
                "Invalid API key");
    }

    @ParameterizedTest
    @MethodSource("keys")
    void a_wrong_key_is_one_whatever_the_status(String body) {
        for (int status : List.of(200, 400, 401, 500)) {
            assertThat(kind(status, body)).as("%d %s", status, body).isEqualTo("AuthenticationException");
        }
    }

    static Stream<String> overloads() {
        return Stream.of(
                "{\"error\":{\"message\":\"The engine is currently overloaded\",\"type\":\"rate_limit_error\"}}",
                "{\"error\":{\"message\":\"Service is too busy. We advise users to switch temporarily.\"}}",
                "{\"error\":{\"message\":\"We're experiencing high traffic right now! Try again soon.\"}}",
                "{\"error\":{\"code\":\"ServerOverloaded\",\"message\":\"x\"}}",
                "{\"error\":{\"message\":\"Service tier capacity exceeded for this model.\",\"code\":\"3505\"}}",
                "{\"error\":{\"message\":\"当前分组上游负载已饱和,请稍后再试\"}}",
                "{\"error\":{\"message\":\"服务繁忙,请稍后\"}}",
                "{\"error\":{\"message\":\"模型过载\"}}");
    }

    @ParameterizedTest
    @MethodSource("overloads")
    void an_overload_is_recognised_by_its_words(String body) {
        for (int status : List.of(200, 429, 500, 503, 529)) {
            assertThat(kind(status, body)).as("%d %s", status, body).isEqualTo("OverloadedException");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"code\":502,\"message\":\"Upstream error\"} | ServerException",
                "{\"error\":{\"code\":\"502\",\"message\":\"x\"}} | ServerException",
                "{\"error\":{\"message\":\"x\",\"status\":503}} | OverloadedException",
                "{\"error\":{\"message\":\"x\",\"status\":\"UNAVAILABLE\"}} | OverloadedException",
                "{\"error\":{\"message\":\"x\",\"http_code\":\"429\"}} | RateLimitException",
                "{\"error\":{\"message\":\"x\",\"code\":\"PERMISSION_DENIED\"}} | PermissionException",
                "{\"error\":{\"message\":\"x\",\"status\":\"UNAUTHENTICATED\"}} | AuthenticationException",
                "{\"error\":{\"message\":\"x\",\"status\":\"DEADLINE_EXCEEDED\"}} | ServerException",
                "{\"error\":{\"message\":\"x\",\"code\":400}} | InvalidRequestException",
                "{\"error\":{\"message\":\"x\",\"type\":\"BadRequestError\"}} | InvalidRequestException",
                "{\"error\":{\"message\":\"x\",\"code\":402}} | QuotaExceededException",
                "{\"error\":{\"message\":\"x\",\"code\":8}} | RateLimitException",
                "{\"statusCode\":429,\"message\":\"x\"} | RateLimitException",
                "{\"error\":{\"message\":\"x\",\"type\":\"who_knows\"}} | ServerException",
                "{\"error\":{\"type\":\"api_error\",\"message\":\"Internal server error\"}} | ServerException"
            })
    void in_a_stream_the_status_that_an_error_names_counts(String body, String type) {
        assertThat(kind(200, body)).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource({
        "400, InvalidRequestException",
        "401, AuthenticationException",
        "403, PermissionException",
        "404, InvalidRequestException",
        "409, ServerException",
        "413, InvalidRequestException",
        "429, RateLimitException",
        "500, ServerException",
        "502, ServerException",
        "503, OverloadedException"
    })
    void a_name_that_nobody_knows_keeps_the_status_that_came(int status, String type) {
        for (String body : List.of(
                "{\"error\":{\"type\":\"flux_capacitor_error\",\"message\":\"The flux is off\"}}",
                "{\"error\":{\"type\":\"x\",\"code\":599,\"message\":\"The flux is off\"}}",
                "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"9999\",\"message\":\"The flux is off\"}}")) {
            assertThat(kind(status, body)).as(body).isEqualTo(type);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "413 | {\"error\":{\"code\":\"rate_limit_exceeded\",\"message\":\"Request too large on tokens per minute"
                        + " (TPM): Limit 6000\"}} | InvalidRequestException",
                "400 | {\"error\":{\"message\":\"max_tokens must be greater than thinking.budget_tokens\"}}"
                        + " | InvalidRequestException",
                "400 | {\"error\":{\"message\":\"content is empty\"}} | InvalidRequestException",
                "400 | {\"error\":{\"message\":\"消息内容不能为空\"}} | InvalidRequestException",
                "400 | {\"error\":{\"message\":\"invalid token in JSON\"}} | InvalidRequestException",
                "404 | {\"error\":{\"message\":\"The model is busy elsewhere\"}} | InvalidRequestException",
                "500 | {\"error\":{\"code\":\"ContentSecurityDetectionError\",\"message\":\"x\"}} | ServerException",
                "500 | {\"error\":{\"code\":\"load_balancer_error\",\"message\":\"x\"}} | ServerException"
            })
    void what_only_resembles_one_of_them_is_none(int status, String body, String type) {
        assertThat(kind(status, body)).isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"ping\"}",
                "{\"status\":\"processing\"}",
                "{\"title\":\"A talk about quota\"}",
                "{\"code\":0,\"status\":200,\"data\":{\"a\":1}}",
                "{\"base_resp\":{\"status_code\":0,\"status_msg\":\"\"}}",
                "{\"success\":true,\"error\":null}",
                "[]"
            })
    void what_says_nothing_of_an_error_is_none(String json) {
        assertThat(ErrorBodyReader.bare(ByteBuffer.wrap(json.getBytes(StandardCharsets.UTF_8))))
                .isNull();
    }

    private static String kind(int status, String body) {
        ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
        KimiException error = status >= 300
                ? PROTOCOL.error(status, Headers.empty(), bytes, CONTEXT)
                : ErrorClassifier.classify(status, Headers.empty(), ErrorBodyReader.parse(bytes), CONTEXT);
        return error.getClass().getSimpleName();
    }
}
