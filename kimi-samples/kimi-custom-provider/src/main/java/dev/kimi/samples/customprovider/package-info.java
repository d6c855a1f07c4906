/** Three providers in one jar: a transport, credentials and a retry policy, each chosen by one line of settings. */
@NullMarked
package dev.kimi.samples.customprovider;

import org.jspecify.annotations.NullMarked;
