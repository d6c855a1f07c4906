package dev.kimi.springai;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.ai.chat.model.ChatModel;
import org.springframework.ai.test.chat.client.advisor.AbstractToolCallingAdvisorAutoRegistrationIT;

/** Spring AI's own tests of a chat model whose tools an advisor runs. */
@Timeout(120)
@ParameterizedClass
@EnumSource(Service.class)
class AutoRegistrationKitTest extends AbstractToolCallingAdvisorAutoRegistrationIT {

    private final WeatherModel model;

    AutoRegistrationKitTest(Service service) {
        this.model = new WeatherModel(service);
    }

    @Override
    protected ChatModel getChatModel() {
        return model.get();
    }

    @AfterEach
    void close() {
        model.close();
    }
}
