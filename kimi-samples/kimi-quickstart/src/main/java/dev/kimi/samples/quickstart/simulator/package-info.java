/** The service to talk to when there is no key. */
@NullMarked
package dev.kimi.samples.quickstart.simulator;

import org.jspecify.annotations.NullMarked;
