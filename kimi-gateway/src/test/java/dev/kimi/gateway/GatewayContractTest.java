package dev.kimi.gateway;

import dev.kimi.KimiClient;
import dev.kimi.gateway.face.QuickPace;
import dev.kimi.gateway.key.VirtualKey;
import dev.kimi.gateway.key.VirtualKeys;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.gateway.GatewayContract;
import dev.kimi.test.gateway.GatewayUnderTest;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/** The contract, held against one running gateway with keys, whose time for pings runs 60 times as fast. */
class GatewayContractTest extends GatewayContract {

    private static final int FACTOR = 60;

    @TempDir
    static Path folder;

    @Override
    protected GatewayUnderTest start(KimiSimulator kimi, KimiSimulator claude) {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(GatewayApplication.class)
                .initializers(initialized -> QuickPace.register((GenericApplicationContext) initialized, FACTOR))
                .run(
                        "--server.port=0",
                        "--kimi.gateway.keys.file=" + folder.resolve("keys.json"),
                        "--kimi.base-url=" + kimi.baseUrl(),
                        "--kimi.api-key=" + kimi.apiKey(),
                        "--kimi.clients.claude.base-url=" + claude.baseUrl(),
                        "--kimi.clients.claude.api-key=" + claude.apiKey());
        VirtualKey.Limits noMoney = new VirtualKey.Limits(0, 0, 0, 0, BigDecimal.ZERO, null);
        return new Gateway(
                context,
                issued(context, VirtualKey.Limits.NONE),
                issued(context, VirtualKey.Limits.NONE),
                issued(context, noMoney));
    }

    private static String issued(ConfigurableApplicationContext context, VirtualKey.Limits limits) {
        VirtualKey.Terms terms = new VirtualKey.Terms("contract", List.of(), limits, true, null, null);
        return new String(context.getBean(VirtualKeys.class)
                .issue(terms)
                .toCompletableFuture()
                .join()
                .characters());
    }

    private record Gateway(
            ConfigurableApplicationContext context, String credential, String otherCredential, String spentCredential)
            implements GatewayUnderTest {

        @Override
        public URI baseUri() {
            return URI.create("http://127.0.0.1:" + GatewayFixture.portOf(context));
        }

        @Override
        public String kimiModel() {
            return "claude-kimi-k3";
        }

        @Override
        public String claudeModel() {
            return "claude-sonnet-5-5";
        }

        @Override
        public Duration pingInterval() {
            return Duration.ofSeconds(15).dividedBy(FACTOR);
        }

        @Override
        public int failuresThatOpenTheCircuit() {
            return 30;
        }

        @Override
        public OptionalLong dropped() {
            return OptionalLong.of(
                    (long) context.getBean(MeterRegistry.class).find("kimi.gateway.drops").counters().stream()
                            .mapToDouble(Counter::count)
                            .sum());
        }

        @Override
        public void reset() {
            context.getBeansOfType(KimiClient.class).values().forEach(KimiClient::resetLimits);
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
