*** Settings ***
Library    Collections
Library    BuiltIn

*** Test Cases ***
first test
    [Documentation]
    ${x}=   Set Variable    1
    Sleep   5s
    IF    ${x}
        log   ${x}
    END

first test
    No Operation

*** Keywords ***
unused_keyword.with dots
    [Arguments]    ${a}   ${a}
    Fail
