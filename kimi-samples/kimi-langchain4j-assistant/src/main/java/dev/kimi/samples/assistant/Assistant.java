package dev.kimi.samples.assistant;

import dev.langchain4j.model.output.structured.Description;
import dev.langchain4j.service.Result;
import dev.langchain4j.service.SystemMessage;
import dev.langchain4j.service.TokenStream;
import java.util.List;

/** What is wanted of a model. */
interface Assistant {

    @SystemMessage("You help people who pack for a journey. Be brief.")
    Result<String> chat(String message);

    Result<Luggage> pack(String message);

    TokenStream tell(String message);

    /** A response as an object: the model gets its schema. */
    record Luggage(
            String city,
            boolean umbrella,
            @Description("At most five") List<String> clothes) {}
}
