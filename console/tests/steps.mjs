// The steps an agent takes, whichever server answers.
import { PASSWORD, USER } from '../dev/fake-server.mjs';

export async function logIn(page, user = USER, password = PASSWORD) {
  await page.getByLabel('User name').fill(user);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

export async function chooseStatus(page, name) {
  await page.getByRole('button', { name: /^Status:/ }).click();
  await page.getByRole('menuitemradio', { name }).first().click();
  await page.getByRole('button', { name: `Status: ${name}` }).waitFor();
}

/** The record of an accepted work on the right (an offer's card has a heading of level 3). */
export const openRecord = (page, title) => page.getByRole('heading', { name: title, level: 2 });

export async function goOnline(page) {
  await logIn(page);
  await chooseStatus(page, 'Available');
  await page.getByText('All clear').waitFor();
}
