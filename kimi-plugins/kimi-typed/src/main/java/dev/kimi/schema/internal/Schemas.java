package dev.kimi.schema.internal;

import com.fasterxml.classmate.ResolvedType;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaBuilder;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfig;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonSchemaModule;
import dev.kimi.schema.Description;
import java.lang.reflect.Field;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes schemas that strict services accept. Every member is required; one that may be absent accepts null instead:
 * services limit how many may be left out, and write required ones first.
 */
public final class Schemas {

    /** Not thread-safe: it collects definitions in its configuration. */
    private static final SchemaGenerator GENERATOR = new SchemaGenerator(config());

    private Schemas() {}

    /**
     * The schema of a type.
     *
     * @throws IllegalArgumentException if it has none that is strict, with what to write instead
     */
    public static String of(Type type) {
        ObjectNode schema;
        synchronized (GENERATOR) {
            schema = GENERATOR.generateSchema(type);
        }
        return StrictSchema.of(schema, type.getTypeName());
    }

    /**
     * The schema of an object that has a member for each parameter.
     *
     * @param owner what they are parameters of, for messages
     * @throws IllegalArgumentException if it has none that is strict, or the names of parameters are not compiled in
     */
    public static String of(Parameter[] parameters, String owner) {
        ObjectNode schema = Values.MAPPER.createObjectNode().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = schema.putArray("required");
        synchronized (GENERATOR) {
            SchemaBuilder builder = GENERATOR.buildMultipleSchemaDefinitions();
            for (Parameter parameter : parameters) {
                properties.set(parameter.getName(), of(parameter, builder));
                required.add(parameter.getName());
            }
            ObjectNode definitions = builder.collectDefinitions("$defs");
            if (!definitions.isEmpty()) {
                schema.set("$defs", definitions);
            }
        }
        schema.put("additionalProperties", false);
        return StrictSchema.of(schema, owner);
    }

    private static ObjectNode of(Parameter parameter, SchemaBuilder builder) {
        ObjectNode schema = builder.createSchemaReference(Absence.present(parameter.getParameterizedType()));
        if (mayBeAbsent(parameter) && !schema.has("anyOf")) {
            ObjectNode value = schema;
            schema = Values.MAPPER.createObjectNode();
            schema.putArray("anyOf").add(value).addObject().put("type", "null");
        }
        Description description = parameter.getAnnotation(Description.class);
        if (description != null) {
            schema.put("description", description.value());
        }
        return schema;
    }

    /** Whether the parameter accepts null. */
    public static boolean mayBeAbsent(Parameter parameter) {
        return Absence.isOptional(parameter.getType()) || Absence.isNullable(parameter, parameter.getAnnotatedType());
    }

    private static SchemaGeneratorConfig config() {
        SchemaGeneratorConfigBuilder builder = new SchemaGeneratorConfigBuilder(
                        Values.MAPPER, SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                .with(
                        Option.FORBIDDEN_ADDITIONAL_PROPERTIES_BY_DEFAULT,
                        Option.NULLABLE_ALWAYS_AS_ANYOF,
                        Option.EXTRA_OPEN_API_FORMAT_VALUES,
                        Option.ENUM_KEYWORD_FOR_SINGLE_VALUES,
                        Option.PLAIN_DEFINITION_KEYS)
                .without(Option.SCHEMA_VERSION_INDICATOR, Option.VALUES_FROM_CONSTANT_FIELDS);
        builder.forTypesInGeneral()
                .withDescriptionResolver(
                        scope -> text(scope.getType().getErasedType().getAnnotation(Description.class)))
                .withCustomDefinitionProvider(Schemas::enumeration);
        builder.forFields()
                .withDescriptionResolver(field -> text(field.getAnnotation(Description.class)))
                .withNullableCheck(Schemas::mayBeAbsent)
                .withRequiredCheck(field -> true);
        builder.with(new JacksonSchemaModule());
        builder.forTypesInGeneral().withPropertySorter((left, right) -> 0);
        return builder.build();
    }

    private static @Nullable String text(@Nullable Description description) {
        return description == null ? null : description.value();
    }

    private static boolean mayBeAbsent(FieldScope field) {
        Field declared = field.getRawMember();
        return Absence.isOptional(declared.getType()) || Absence.isNullable(declared, declared.getAnnotatedType());
    }

    /** As the mapper reads them, so that names given by annotations hold. */
    private static @Nullable CustomDefinition enumeration(ResolvedType type, SchemaGenerationContext context) {
        Object[] constants = type.getErasedType().getEnumConstants();
        if (constants == null) {
            return null;
        }
        ObjectNode schema = Values.MAPPER.createObjectNode().put("type", "string");
        ArrayNode values = schema.putArray("enum");
        List.of(constants).forEach(constant -> values.add(Values.MAPPER.<JsonNode>valueToTree(constant)));
        return new CustomDefinition(
                schema, CustomDefinition.DefinitionType.INLINE, CustomDefinition.AttributeInclusion.YES);
    }
}
