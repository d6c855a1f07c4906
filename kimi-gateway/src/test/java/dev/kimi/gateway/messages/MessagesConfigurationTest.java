package dev.kimi.gateway.messages;

import static dev.kimi.gateway.messages.MessagesFixture.TO_KIMI;
import static dev.kimi.gateway.messages.MessagesFixture.q;
import static dev.kimi.gateway.messages.MessagesFixture.rejected;
import static dev.kimi.gateway.messages.MessagesFixture.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.chat.Provenance;
import dev.kimi.gateway.dialect.Dialect;
import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.relay.RelayForm;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

class MessagesConfigurationTest {

    private static final InboundHead HEAD = new InboundHead("/v1/messages", null, Map.of());

    private final ApplicationContextRunner application =
            new ApplicationContextRunner().withUserConfiguration(MessagesConfiguration.class);

    private static RelayForm.Translated translated(Dialect dialect, String members) {
        String body = q("{'model':'m','messages':[{'role':'user','content':'Hi'}]," + members + "}");
        return (RelayForm.Translated) dialect.read(HEAD, utf8(body)).formFor(TO_KIMI);
    }

    @Test
    void the_dialect_needs_no_settings() {
        application.run(context -> {
            Dialect dialect = context.getBean(Dialect.class);

            assertThat(dialect.protocol()).isEqualTo(Provenance.ANTHROPIC);
            assertThat(translated(dialect, "'output_config':{'effort':'xhigh'}")
                            .chat()
                            .reasoningEffort())
                    .isEqualTo("max");
        });
    }

    @Test
    void line_17_line_20_efforts_and_server_tools_are_settings() {
        application
                .withPropertyValues(
                        "kimi.gateway.messages.highest-effort=high", "kimi.gateway.messages.server-tools=reject")
                .run(context -> {
                    Dialect dialect = context.getBean(Dialect.class);

                    assertThat(translated(dialect, "'output_config':{'effort':'max'}")
                                    .chat()
                                    .reasoningEffort())
                            .isEqualTo("high");
                    assertThat(rejected(() -> translated(dialect, "'tools':[{'type':'web_search_1'}]"))
                                    .message())
                            .contains("web_search_1");
                });
    }

    @Test
    void an_effort_that_there_is_none_of_fails_at_start() {
        application
                .withPropertyValues("kimi.gateway.messages.highest-effort=extreme")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("extreme"));
    }
}
