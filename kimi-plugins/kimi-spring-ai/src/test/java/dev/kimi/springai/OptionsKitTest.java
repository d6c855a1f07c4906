package dev.kimi.springai;

import org.springframework.ai.test.options.AbstractChatOptionsTests;

/** Spring AI's own tests of options. */
class OptionsKitTest extends AbstractChatOptionsTests<KimiChatOptions, KimiChatOptions.Builder> {

    @Override
    protected Class<KimiChatOptions> getConcreteOptionsClass() {
        return KimiChatOptions.class;
    }

    @Override
    protected KimiChatOptions.Builder readyToBuildBuilder() {
        return KimiChatOptions.builder()
                .model("kimi-k3")
                .maxTokens(7)
                .outputSchema("{}")
                .request(request -> request.reasoningEffort("low"));
    }
}
