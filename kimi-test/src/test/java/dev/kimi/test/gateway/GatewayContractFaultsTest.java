package dev.kimi.test.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.test.KimiSimulator;
import dev.kimi.test.gateway.MiniGateway.Fault;
import dev.kimi.test.junit.Runs;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each test of the contract passes with a gateway that keeps its rule, and fails with one that does not. */
@Timeout(120)
class GatewayContractFaultsTest {

    private static Fault fault = Fault.NONE;

    static class OurGatewayContract extends GatewayContract {

        @Override
        protected GatewayUnderTest start(KimiSimulator kimi, KimiSimulator claude) {
            return OurGateway.start(kimi.baseUrl(), kimi.apiKey(), claude.baseUrl(), claude.apiKey());
        }
    }

    /** Has only Claude behind it. */
    private static final class OurGateway {

        static GatewayUnderTest start(String kimi, String kimiKey, String claude, String claudeKey) {
            return new MiniGateway(claude, claudeKey, fault);
        }
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
        MODELS_REDIRECTED, line_04_models_are_listed_under_names_that_the_client_shows
        BETAS_FILTERED, line_08_betas_are_forwarded_to_claude_as_they_are
        EVERY_HEADER_FORWARDED, line_11_custom_headers_do_not_reach_claude
        CREDENTIAL_FORWARDED, line_12_the_credential_of_the_client_does_not_reach_claude
        STREAM_COMPRESSED, line_13_a_stream_of_claude_is_not_compressed
        MEMBERS_IN_ANOTHER_ORDER, line_14_what_is_unknown_is_forwarded_to_claude
        INSERTED_SPACE, line_25_signed_thinking_goes_back_to_claude_as_it_came
        BUFFERED_EVENTS, line_33_each_event_of_claude_is_relayed_when_it_comes
        PINGS_LEFT_OUT, line_34_pings_comments_and_odd_events_of_claude_are_forwarded
        NO_PINGS, line_35_a_ping_comes_before_the_first_byte_of_claude
        NO_PINGS, line_36_pings_come_while_a_stream_of_claude_is_silent
        CLEAN_END_AFTER_A_CUT, line_41_a_cut_stream_of_claude_ends_in_an_error_event
        KEEPS_THE_SERVICE_WHEN_THE_CLIENT_LEAVES, line_42_a_client_that_leaves_a_stream_of_claude_ends_it
        ERROR_IN_ANOTHER_SHAPE, line_46_errors_of_the_gateway_have_the_shape_of_anthropic
        RETRY_AFTER_LOST, line_50_a_rate_limit_of_claude_keeps_its_hint
        RETRIES_WHAT_IS_FINAL, line_51_a_quota_of_claude_that_is_used_up_is_final
        RETRY_AFTER_THE_FIRST_BYTE, line_54_nothing_is_sent_to_claude_again_after_the_first_byte
        UNKNOWN_MODEL_IS_A_BAD_REQUEST, line_58_an_unknown_model_is_not_found
        CREDENTIAL_OF_THE_SERVICE_BLAMED_ON_THE_CLIENT, line_59_a_wrong_credential_of_the_gateway_at_claude_is_no_401
        """)
    void a_broken_rule_fails_its_test(Fault broken, String test) {
        fault = Fault.NONE;
        assertThat(Runs.of(OurGatewayContract.class, test).failures()).isEmpty();

        fault = broken;
        assertThat(Runs.of(OurGatewayContract.class, test).failures()).isNotEmpty();
    }
}
