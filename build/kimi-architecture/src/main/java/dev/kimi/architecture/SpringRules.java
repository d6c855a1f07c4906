package dev.kimi.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** How a starter behaves in somebody else's application. */
final class SpringRules {

    private static final String AUTO_CONFIGURATION = "org.springframework.boot.autoconfigure.AutoConfiguration";
    private static final String BEAN = "org.springframework.context.annotation.Bean";

    /** Published by name and never primary, see the architecture. */
    private static final Set<String> FOREIGN_BEANS = Set.of("org.springframework.retry.support.RetryTemplate");

    private SpringRules() {}

    static Rule autoConfigurations(String base) {
        return Rule.of(
                "autoconfigurations",
                classes()
                        .that()
                        .resideInAPackage(base + "..")
                        .and()
                        .areAnnotatedWith(AUTO_CONFIGURATION)
                        .should()
                        .resideInAPackage("..autoconfigure..")
                        .andShould()
                        .bePublic()
                        .andShould()
                        .haveModifier(JavaModifier.FINAL)
                        .andShould(new HideMembers()),
                "users order and exclude an auto-configuration by its class, look for it in an autoconfigure package as"
                        + " Spring Boot's, and nothing else of it is theirs: make the class public final, its members"
                        + " package-private");
    }

    static Rule foreignBeans(String base) {
        return Rule.of(
                "foreignbeans",
                methods()
                        .that()
                        .areDeclaredInClassesThat()
                        .resideInAPackage(base + "..")
                        .and()
                        .areAnnotatedWith(BEAN)
                        .should()
                        .haveRawReturnType(DescribedPredicate.describe(
                                "a type below " + base,
                                type -> type.getPackageName().startsWith(base)
                                        || FOREIGN_BEANS.contains(type.getName()))),
                "a framework's own bean type changes the rest of the application: publish a type of ours around it");
    }

    private static final class HideMembers extends ArchCondition<JavaClass> {
        HideMembers() {
            super("have no public members besides the constructor");
        }

        @Override
        public void check(JavaClass type, ConditionEvents events) {
            for (JavaMember member : type.getMembers()) {
                boolean constructor = member.getName().equals("<init>");
                if (!constructor && member.getModifiers().contains(JavaModifier.PUBLIC)) {
                    events.add(SimpleConditionEvent.violated(type, member.getFullName() + " is public"));
                }
            }
        }
    }
}
