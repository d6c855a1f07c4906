package dev.kimi.starter;

import dev.kimi.KimiClient.WarmUp;
import dev.kimi.KimiClientBuilder.LeakDetection;
import dev.kimi.KimiClientBuilder.ToolSchemas;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;

/**
 * The settings of one client. Null means not set: a named client then takes the value of the top level, except for
 * credentials, and the top level the default. Mutable, not thread-safe; read once, while clients are made. Does not
 * print secrets.
 */
public class KimiClientProperties {

    /** Where the service is, without path. */
    private @Nullable String baseUrl;

    /** Protocol of the service, "openai" or "anthropic"; follows from the base URL where it is not set. */
    private @Nullable String protocol;

    /** API key of the account. */
    private char @Nullable [] apiKey;

    /** API keys of the same service, over which conversations are spread; other calls use them in this order. */
    private @Nullable List<String> apiKeys;

    /** Names of other clients, in the order in which calls go on there that this one's service cannot take. */
    private @Nullable List<String> failover;

    /** Most of the streams that are sent to a second endpoint too when the first is slow, from 0 to 0.5. */
    private @Nullable Double hedging;

    /** Names of models at this client's service, by the names that calls of other clients come with. */
    private Map<String, String> models = new LinkedHashMap<>();

    /** Model of requests that name none. */
    private @Nullable String model;

    /** Facts of models by name and fact, in place of what is known of them. */
    private Map<String, Map<String, String>> modelCards = new LinkedHashMap<>();

    /** Place of a JSON file with facts of models. */
    private @Nullable String modelCardsFile;

    /** How schemas of tools go to models that want Moonshot's flavour, either "as-is" or "normalised". */
    private @Nullable ToolSchemas toolSchemas;

    /** Whether the key may travel in clear text to another machine. */
    private @Nullable Boolean allowInsecure;

    /** Search for clients and streams dropped unclosed, one of "off", "on" and "stack" for streams with their place. */
    private @Nullable LeakDetection leakDetection;

    /** What is done before the application is ready, one of "off", "connect" and "call-path". */
    private @Nullable WarmUp warmUp;

    @NestedConfigurationProperty
    private KimiProperties.Anthropic anthropic = KimiProperties.Anthropic.UNSET;

    @NestedConfigurationProperty
    private KimiProperties.Timeout timeout = KimiProperties.Timeout.UNSET;

    @NestedConfigurationProperty
    private final KimiProperties.Auth auth = new KimiProperties.Auth();

    @NestedConfigurationProperty
    private KimiProperties.Transport transport = KimiProperties.Transport.UNSET;

    @NestedConfigurationProperty
    private KimiProperties.Retry retry = KimiProperties.Retry.UNSET;

    @NestedConfigurationProperty
    private KimiProperties.Quota quota = KimiProperties.Quota.UNSET;

    @NestedConfigurationProperty
    private KimiProperties.Batch batch = KimiProperties.Batch.UNSET;

    public @Nullable String getBaseUrl() {
        return baseUrl;
    }

    public void setBaseUrl(@Nullable String value) {
        this.baseUrl = value;
    }

    public @Nullable String getProtocol() {
        return protocol;
    }

    public void setProtocol(@Nullable String value) {
        this.protocol = value;
    }

    public @Nullable CharSequence getApiKey() {
        return apiKey == null ? null : new String(apiKey);
    }

    public void setApiKey(@Nullable CharSequence value) {
        this.apiKey = value == null ? null : value.toString().toCharArray();
    }

    public @Nullable List<String> getApiKeys() {
        return apiKeys;
    }

    public void setApiKeys(@Nullable List<String> value) {
        this.apiKeys = value;
    }

    public @Nullable List<String> getFailover() {
        return failover;
    }

    public void setFailover(@Nullable List<String> value) {
        this.failover = value;
    }

    public @Nullable Double getHedging() {
        return hedging;
    }

    public void setHedging(@Nullable Double value) {
        this.hedging = value;
    }

    public Map<String, String> getModels() {
        return models;
    }

    public void setModels(Map<String, String> value) {
        this.models = value;
    }

    public @Nullable String getModel() {
        return model;
    }

    public void setModel(@Nullable String value) {
        this.model = value;
    }

    public Map<String, Map<String, String>> getModelCards() {
        return modelCards;
    }

    public void setModelCards(Map<String, Map<String, String>> value) {
        this.modelCards = value;
    }

    public @Nullable String getModelCardsFile() {
        return modelCardsFile;
    }

    public void setModelCardsFile(@Nullable String value) {
        this.modelCardsFile = value;
    }

    public @Nullable ToolSchemas getToolSchemas() {
        return toolSchemas;
    }

    public void setToolSchemas(@Nullable ToolSchemas value) {
        this.toolSchemas = value;
    }

    public @Nullable Boolean getAllowInsecure() {
        return allowInsecure;
    }

    public void setAllowInsecure(@Nullable Boolean value) {
        this.allowInsecure = value;
    }

    public @Nullable LeakDetection getLeakDetection() {
        return leakDetection;
    }

    public void setLeakDetection(@Nullable LeakDetection value) {
        this.leakDetection = value;
    }

    public @Nullable WarmUp getWarmUp() {
        return warmUp;
    }

    public void setWarmUp(@Nullable WarmUp value) {
        this.warmUp = value;
    }

    public KimiProperties.Anthropic getAnthropic() {
        return anthropic;
    }

    public void setAnthropic(KimiProperties.Anthropic value) {
        this.anthropic = value;
    }

    public KimiProperties.Timeout getTimeout() {
        return timeout;
    }

    public void setTimeout(KimiProperties.Timeout value) {
        this.timeout = value;
    }

    public KimiProperties.Auth getAuth() {
        return auth;
    }

    public KimiProperties.Transport getTransport() {
        return transport;
    }

    public void setTransport(KimiProperties.Transport value) {
        this.transport = value;
    }

    public KimiProperties.Retry getRetry() {
        return retry;
    }

    public void setRetry(KimiProperties.Retry value) {
        this.retry = value;
    }

    public KimiProperties.Quota getQuota() {
        return quota;
    }

    public void setQuota(KimiProperties.Quota value) {
        this.quota = value;
    }

    public KimiProperties.Batch getBatch() {
        return batch;
    }

    public void setBatch(KimiProperties.Batch value) {
        this.batch = value;
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[baseUrl=" + baseUrl + ", model=" + model + ", apiKey=****]";
    }
}
